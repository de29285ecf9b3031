//! What somebody else holds on the device.

use super::room;
use crate::bytes::Bytes;
use crate::evidence::AtFailure;
use crate::findings::{Case, Confidence};

/// Memory that somebody else holds, where that is the better part of the story: how sure, and how much.
pub(crate) fn foreign_holds(case: &Case<'_>) -> Option<(Confidence, Bytes)> {
    let balance = case.balance;
    let (headroom, total) = (balance.headroom?, balance.total?);
    let refused = match balance.tried {
        Some(tried) => tried.likely_over(headroom),
        None => room::full_without_request(case),
    };
    if balance.paged || !refused || room::larger_than_device(case) || room::cap_refused(case) {
        return None;
    }
    let short = balance.tried.unwrap_or(Bytes::ZERO).minus(headroom);
    if let Some(listed) = balance.others {
        let mine = balance.reserved.map_or(Bytes::ZERO, |r| {
            r.plus(balance.outside.unwrap_or(Bytes::ZERO))
        });
        // A rival of a few percent is not why the card is full, though it is the last straw.
        let matters =
            listed.mid() >= total.percent(5).mid() && listed.mid() >= mine.percent(10).mid();
        if matters && listed.surely_at_least(short) {
            return Some((Confidence::Proven, listed));
        }
    }
    let foreign = balance.foreign()?;
    let matters =
        foreign.plus(balance.others.unwrap_or(Bytes::ZERO)).mid() >= total.percent(25).mid();
    // On a small card a context and the desktop are a quarter of it: then what is surely somebody else's must be some part, too.
    let hidden = balance
        .unnamed
        .is_some_and(|u| u.mid() >= total.percent(25).mid())
        && foreign.mid() >= total.percent(5).mid();
    ((matters || hidden) && foreign.surely_at_least(short)).then_some((Confidence::Likely, foreign))
}

/// True where others fill the device and this process has only a small part of it: what idles in that part is no story.
pub(crate) fn fills(case: &Case<'_>) -> bool {
    let (Some(reserved), Some(total)) = (case.balance.reserved, case.balance.total) else {
        return false;
    };
    let small = reserved.mid() <= total.percent(25).mid();
    small && foreign_holds(case).is_some_and(|(_, held)| held.mid() >= total.percent(40).mid())
}

/// What was seen of the device while the program ran, where the message has no figures and others held what was missing.
pub(crate) fn rivals_seen<'a>(case: &Case<'a>) -> Option<&'a AtFailure> {
    let at = case.incident.at_failure.as_ref()?;
    let figures = case.balance.tried.is_some() || case.balance.free.is_some();
    let rivals = AtFailure::sum(at.rivals());
    let own = AtFailure::sum(at.holders.iter().filter(|h| h.own));
    // As above: a rival of a few percent is not why the card is full. Who holds more than half of it is, whatever was asked for.
    let full = rivals >= at.total / 4 && rivals >= own / 10 && at.free <= at.total / 20;
    let most = rivals > at.total / 2 && rivals > own;
    (!figures && (full || most)).then_some(at)
}

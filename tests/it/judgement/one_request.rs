//! One request against the whole card.

use super::expect;
use super::figures::Figures;

#[test]
fn one_request_for_most_of_a_small_card_is_told_though_the_context_holds_more_than_tensors_do() {
    let figures = Figures {
        tried: 9533,
        total: 9922,
        free: 9226,
        allocated: 6,
        idle: 14,
        own: 696,
        ..Figures::default()
    };
    expect(&figures.sentence(), "exhaustion", "likely");
}

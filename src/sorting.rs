//! Sorts of short lists, all by one body. The library's own sort is made anew for each type and each order: nine kilobytes of the
//! program for a list that has three items, and sixty such lists were a twentieth of it. What is sorted often or at length takes that.

use std::cmp::Ordering;

/// Puts items in the order of their keys; those with the same one stay in the order in which they are.
pub(crate) fn by_key<T, K: Ord>(items: &mut Vec<T>, key: impl Fn(&T) -> K) {
    let keys: Vec<K> = items.iter().map(key).collect();
    let order = order(keys.len(), &|a, b| keys.get(a).cmp(&keys.get(b)));
    arrange(items, order);
}

/// The same by comparing them with each other.
pub(crate) fn by<T>(items: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let all = items.as_slice();
    let compare = |a, b| {
        let pair = all.get(a).zip(all.get(b));
        pair.map_or(Ordering::Equal, |(a, b)| compare(a, b))
    };
    let order = order(all.len(), &compare);
    arrange(items, order);
}

/// The places of so many items in their order; `None` where they stand in it already.
fn order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Option<Vec<usize>> {
    let sorted = (1..count).all(|at| compare(at - 1, at) != Ordering::Greater);
    if sorted {
        return None;
    }
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| compare(*a, *b));
    Some(order)
}

fn arrange<T>(items: &mut Vec<T>, order: Option<Vec<usize>>) {
    let Some(order) = order else { return };
    let mut left: Vec<Option<T>> = items.drain(..).map(Some).collect();
    let next = |at| left.get_mut(at).and_then(Option::take);
    items.extend(order.into_iter().filter_map(next));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn items_are_sorted_as_the_library_sorts_them(items in prop::collection::vec((0u8..9, 0u8..9), 0..40)) {
            let (mut own, mut known) = (items.clone(), items.clone());
            super::by_key(&mut own, |item| item.0);
            known.sort_by_key(|item| item.0);
            prop_assert_eq!(&own, &known);
            super::by(&mut own, |a, b| a.1.cmp(&b.1).reverse());
            known.sort_by_key(|item| std::cmp::Reverse(item.1));
            prop_assert_eq!(own, known);
        }
    }
}

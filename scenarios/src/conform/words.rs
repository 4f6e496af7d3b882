//! The words of recordings: targets of faults, and numbers in sentences.

use super::micros::Micros;

/// The most things that are counted in a sentence.
const COUNT_MAX: i64 = 10_000;

/// Links between every node of one side and every node of the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Links {
    pub(super) one: Vec<String>,
    pub(super) other: Vec<String>,
}

/// The links that a target means: `a,b|c,d` those between the groups, `a-b,c-d` single ones, `a`
/// all of a node, `all but a-b` the others, `all` every one.
pub(super) fn links(target: &str, names: &[&str]) -> Result<Vec<Links>, String> {
    let known = |name: &str| {
        let name = name.trim();
        let is_known = names.contains(&name);
        is_known.then(|| name.to_owned()).ok_or_else(|| format!("no node is called `{name}`"))
    };
    let group = |text: &str| text.split(',').map(known).collect::<Result<Vec<_>, _>>();
    if target.contains('|') {
        let groups = target.split('|').map(group).collect::<Result<Vec<_>, _>>()?;
        let pairs = (0..groups.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
        return Ok(pairs
            .map(|(a, b)| Links { one: groups[a].clone(), other: groups[b].clone() })
            .collect());
    }
    let pairs = || (0..names.len()).flat_map(|b| (0..b).map(move |a| (names[a], names[b])));
    let single = |(a, b): (&str, &str)| Links { one: vec![a.into()], other: vec![b.into()] };
    if target.trim() == "all" {
        return Ok(pairs().map(single).collect());
    }
    if target.trim().is_empty() {
        return Err("no link is named".to_owned());
    }
    if let Some(kept) = target.strip_prefix("all but ") {
        let kept = links(kept, names)?;
        let is_cut = |(a, b): &(&str, &str)| {
            let is_kept = |link: &Links, one: &str, other: &str| {
                link.one.iter().any(|name| name == one) && link.other.iter().any(|n| n == other)
            };
            !kept.iter().any(|link| is_kept(link, a, b) || is_kept(link, b, a))
        };
        return Ok(pairs().filter(is_cut).map(single).collect());
    }
    if let Ok(node) = known(target) {
        let others = names.iter().filter(|name| **name != node).map(|name| (*name).to_owned());
        return Ok(vec![Links { other: others.collect(), one: vec![node] }]);
    }
    let link = |text: &str| {
        let text = text.trim();
        // Names may have dashes of their own.
        let ends = text
            .match_indices('-')
            .find_map(|(at, _)| Some((known(&text[..at]).ok()?, known(&text[at + 1..]).ok()?)));
        let (one, other) = ends.ok_or_else(|| format!("`{text}` is no link between two nodes"))?;
        Ok(Links { one: vec![one], other: vec![other] })
    };
    target.split([',', ' ', ';']).filter(|part| !part.is_empty()).map(link).collect()
}

fn words(text: &str) -> Vec<&str> {
    let is_edge = |c: char| !c.is_ascii_alphanumeric();
    text.split_whitespace().map(|word| word.trim_matches(is_edge)).collect()
}

/// A number and a unit, `300 ms` or `8 s`, from this word on.
fn length_at(words: &[&str], place: usize) -> Option<Micros> {
    let number: i64 = words.get(place)?.parse().ok().filter(|n| (0..=86_400_000).contains(n))?;
    match *words.get(place + 1)? {
        "ms" => Some(Micros::millis(number)),
        "s" => Some(Micros::secs(number)),
        _ => None,
    }
}

/// The time-out in a sentence: `time-out 300 ms`, `with 500 ms time-out`.
pub(super) fn timeout_in(text: &str) -> Option<Micros> {
    let words = words(text);
    let place = words.iter().position(|word| *word == "time-out")?;
    length_at(&words, place + 1).or_else(|| length_at(&words, place.checked_sub(2)?))
}

/// `every 10 ms for 7 s`.
pub(super) fn every_in(text: &str) -> Option<(Micros, Micros)> {
    let words = words(text);
    let after = |word: &str| words.iter().position(|other| *other == word).map(|place| place + 1);
    let every = length_at(&words, after("every")?).filter(|every| *every > Micros::ZERO)?;
    Some((every, length_at(&words, after("for")?)?))
}

/// How many things a sentence begins with: `three puts`, `20 puts`; one if it does not say.
pub(super) fn count_in(text: &str) -> i64 {
    let numbers = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let first = text.split_whitespace().next().unwrap_or_default();
    let place = numbers.iter().position(|number| *number == first);
    let digits = || first.parse().ok().filter(|n| (1..=COUNT_MAX).contains(n));
    place.and_then(|place| i64::try_from(place + 1).ok()).or_else(digits).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["m1", "m2", "m3", "a-b"];

    fn side(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn groups_and_links_are_read() {
        let cut = links("m2|m1,m3", &NAMES).unwrap();
        assert_eq!(cut, [Links { one: side(&["m2"]), other: side(&["m1", "m3"]) }]);
        let cut = links("m1-m3, a-b-m2", &NAMES).unwrap();
        assert_eq!(cut[1], Links { one: side(&["a-b"]), other: side(&["m2"]) });
        assert_eq!(links("m1|m2|m3", &NAMES).unwrap().len(), 3);
        assert_eq!(links("m1", &NAMES).unwrap()[0].other, side(&["m2", "m3", "a-b"]));
        assert_eq!(links("all but m1-m3,m2-m1", &NAMES).unwrap().len(), 4);
        assert_eq!(links("all", &NAMES).unwrap().len(), 6);
        for wrong in ["", "m9", "m1|m9", "m1-", "m1-m9", "|", "all but m9"] {
            assert!(links(wrong, &NAMES).is_err(), "{wrong}");
        }
    }

    #[test]
    fn numbers_are_found_in_sentences() {
        assert_eq!(timeout_in("probe put, time-out 300 ms, retried"), Some(Micros::millis(300)));
        assert_eq!(
            timeout_in("put with 500 ms time-out (time nominal)"),
            Some(Micros::millis(500))
        );
        assert_eq!(timeout_in("read (time-out 1500 ms)"), Some(Micros::millis(1_500)));
        assert_eq!(timeout_in("three puts"), None);
        let every = every_in("puts every 10 ms for 7 s, time-out 400 ms");
        assert_eq!(every, Some((Micros::millis(10), Micros::secs(7))));
        assert_eq!((count_in("three puts just before"), count_in("put with")), (3, 1));
        assert_eq!((count_in("20 puts"), count_in("0 puts"), count_in("-1 puts")), (20, 1, 1));
    }
}

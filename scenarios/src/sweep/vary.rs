//! `--vary PATH=A..B` and `--vary PATH=A,B,C`: the same sweep for each of several values.

use crate::problem::Problem;

/// The most combinations of values.
const COMBINATIONS_MAX: usize = 1_000;

/// Each combination of values as a list of `PATH=VALUE`, the last path changing fastest.
pub(crate) fn variations(varied: &[String]) -> Result<Vec<Vec<String>>, Problem> {
    let mut all = vec![Vec::new()];
    for words in varied {
        let values = values(words)?;
        if values.len().saturating_mul(all.len()) > COMBINATIONS_MAX {
            let what = format!("that is more than {COMBINATIONS_MAX} combinations");
            return Err(at(words, &what));
        }
        let longer = |list: &Vec<String>| {
            let list = list.clone();
            let with = move |value: &String| [&list[..], std::slice::from_ref(value)].concat();
            values.iter().map(with).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    Ok(all)
}

/// Each value of one path, as `PATH=VALUE`.
fn values(words: &str) -> Result<Vec<String>, Problem> {
    let hint = "for example `--vary nodes=3,5,7` or `--vary nodes=3..8`, which ends at 7";
    let Some((path, values)) = words.split_once('=').filter(|(path, _)| !path.is_empty()) else {
        return Err(at(words, "this is not PATH=A..B or PATH=A,B,C").hint(hint.to_owned()));
    };
    let list: Vec<String> = match values.split_once("..") {
        Some((from, to)) => {
            let (Ok(from), Ok(to)) = (from.parse::<i64>(), to.parse::<i64>()) else {
                let what = format!("`{values}` is not a range of whole numbers");
                return Err(at(words, &what).hint(hint.to_owned()));
            };
            if from >= to {
                return Err(at(words, &format!("the range `{values}` is empty")));
            }
            if to.abs_diff(from) > 1_000 {
                return Err(at(words, "that is more than 1000 values"));
            }
            (from..to).map(|n| n.to_string()).collect()
        }
        None => values.split(',').map(|value| value.trim().to_owned()).collect(),
    };
    if list.iter().any(String::is_empty) {
        return Err(at(words, "a value is empty").hint(hint.to_owned()));
    }
    Ok(list.iter().map(|value| format!("{path}={value}")).collect())
}

fn at(words: &str, what: &str) -> Problem {
    Problem { origin: Some(format!("--vary {words}")), ..Problem::new(what) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(varied: &[&str]) -> Result<Vec<String>, String> {
        let varied: Vec<String> = varied.iter().map(|words| (*words).to_owned()).collect();
        let all = variations(&varied).map_err(|problem| problem.to_string())?;
        Ok(all.iter().map(|list| list.join(" ")).collect())
    }

    #[test]
    fn ranges_are_half_open_and_lists_multiply() {
        assert_eq!(of(&[]).unwrap(), [""]);
        assert_eq!(of(&["nodes=3..6"]).unwrap(), ["nodes=3", "nodes=4", "nodes=5"]);
        let both = ["a=1 b=x", "a=1 b=y", "a=2 b=x", "a=2 b=y"];
        assert_eq!(of(&["a=1,2", "b=x, y"]).unwrap(), both);
        assert_eq!(of(&["a=-1..1"]).unwrap(), ["a=-1", "a=0"]);
    }

    #[test]
    fn what_is_no_range_and_no_list_is_refused() {
        for words in ["nodes", "=1,2", "nodes=", "nodes=1,,2", "nodes=1..x", "nodes=5..5"] {
            let answer = of(&[words]).unwrap_err();
            assert!(answer.starts_with(&format!("--vary {words}: ")), "{answer}");
        }
        let huge = of(&["a=0..1000", "b=1,2"]).unwrap_err();
        assert_eq!(huge, "--vary b=1,2: that is more than 1000 combinations");
        assert!(of(&["a=-9223372036854775808..9223372036854775807"]).is_err());
    }
}

//! Histories in files: every format, and what is told of bad ones.

use sim_engine::checkers::{Model, Verdict, linearizable};

use super::*;

const EDN: &str = "[{:process 0, :type :invoke, :f :write, :value 1, :time 5, :weird {:a 1}}
 {:process :nemesis, :type :info, :f :start, :value \"cut n1\"}
 {:process 1, :type :invoke, :f :read, :value nil}
 {:process 0, :type :info, :f :write, :value 1, :error :timeout}
 {:process 1, :type :ok, :f :read, :value 1}
 {:process 2, :type :invoke, :f :read}
 {:process 2, :type :ok, :f :read, :value nil}]";

fn verdict(text: &str, model: Model) -> Verdict {
    linearizable(model, &read(text, None, model).unwrap().history, 100_000).unwrap()
}

#[test]
fn edn_is_read_as_a_vector_and_one_map_a_line() {
    let recorded = read(EDN, None, Model::Register).unwrap();
    assert_eq!(recorded.history.operations.len(), 3);
    assert_eq!(recorded.history.describe(0), "write value 1 -> unknown");
    assert_eq!(recorded.annotations[0].text, "start \"cut n1\"");
    let lines = EDN.trim_matches(['[', ']']);
    assert_eq!(read(lines, None, Model::Register).unwrap(), recorded);
    assert_eq!(verdict(EDN, Model::Register), Verdict::Illegal);
}

#[test]
fn keys_that_say_nothing_are_kept_in_their_order_and_written_again() {
    let text = "[{:process 0, :type :invoke, :f :read, :value nil, :z {:b 1,
   :a #{2}}, :time 5 ; late
 , :node \"n; 1\", 7 #inst \"x\"} {:process :nemesis, :type :info, :f :cut, :by :me}
 {:process 0, :type :ok, :f :read, :value nil, :debug [1.5 (a)]}]";
    let recorded = read(text, None, Model::Register).unwrap();
    let others: Vec<String> =
        recorded.others()[0].iter().map(|(key, value)| format!("{key} {value}")).collect();
    let expected = [":z {:b 1,    :a #{2}}", ":time 5", ":node \"n; 1\"", "7 #inst \"x\""];
    assert_eq!(others[..4], expected);
    assert_eq!(others[4..], [":debug [1.5 (a)]"]);
    assert_eq!(recorded.events[1].others, [(":by".to_owned(), ":me".to_owned())]);
    let again = recorded.edn().unwrap();
    assert_eq!(again.lines().count(), 3);
    assert_eq!(read(&again, None, Model::Register).unwrap(), recorded);
    assert_eq!(read(&again, None, Model::Register).unwrap().edn().unwrap(), again);
    let log = "INFO  jepsen.util - 0\t:invoke\t:cas\t[1 2]\nINFO  jepsen.util - 0\t:info\t:cas\t\
               :timed-out\n";
    let recorded = read(log, None, Model::CasRegister).unwrap();
    let again = read(&recorded.edn().unwrap(), None, Model::CasRegister).unwrap();
    assert_eq!(again.history, recorded.history);
}

#[test]
fn values_with_keys_are_told_from_pairs() {
    let text = "{:process 0 :type :invoke :f :cas :value [1 2]}
{:process 0 :type :fail :f :cas :value [1 2]}
{:process 0 :type :invoke :f :read :value nil} {:process 0 :type :ok :f :read :value nil}";
    assert_eq!(verdict(text, Model::CasRegister), Verdict::Legal);
    let text = "{:process 0 :type :invoke :f :cas :value [7 [1 2]]}
{:process 0 :type :ok :f :cas :value [7 [1 2]]}
{:process 0 :type :invoke :f :read :value [8 nil]} {:process 0 :type :ok :f :read :value [8 nil]}";
    let recorded = read(text, None, Model::CasRegister).unwrap();
    assert_eq!(recorded.history.describe(0), "cas 7 1 2 -> ok");
    assert_eq!(recorded.history.describe(1), "read 8 -> nil");
    assert_eq!(verdict(text, Model::CasRegister), Verdict::Illegal);
}

#[test]
fn the_old_log_knows_a_failed_comparison_from_a_timeout() {
    let text = "INFO  jepsen.util - 0\t:invoke\t:write\t1\nINFO  other - hello
INFO  jepsen.util - 0\t:ok\t:write\t1\nINFO  jepsen.util - 1\t:invoke\t:cas\t[1 2]
INFO  jepsen.util - 1\t:fail\t:cas\t[1 2]\n";
    assert_eq!(verdict(text, Model::CasRegister), Verdict::Illegal);
    let late = text.replace(":fail\t:cas\t[1 2]", ":info\t:cas\t:timed-out");
    assert_eq!(verdict(&late, Model::CasRegister), Verdict::Legal);
}

#[test]
fn key_value_text_is_read() {
    let text = "{:process 0, :type :invoke, :f :append, :key \"3\", :value \"x y\"}
{:process 0, :type :ok, :f :append, :key \"3\", :value \"x y\"}
{:process 1, :type :invoke, :f :get, :key \"3\", :value nil}
{:process 1, :type :ok, :f :get, :key \"3\", :value \"x y\"}";
    assert_eq!(verdict(text, Model::Kv), Verdict::Legal);
    assert_eq!(
        verdict(
            &text.replace("get, :key \"3\", :value \"x y\"", "get, :key \"3\", :value \"\""),
            Model::Kv
        ),
        Verdict::Illegal
    );
}

#[test]
fn own_json_is_read() {
    let text = r#"{"operations": [
  {"process": 1, "call": "transfer", "key": "a", "to": "b", "amount": 5,
   "invoked": 0, "ended": 1, "outcome": "ok"},
  {"process": 1, "call": "read", "invoked": 2, "ended": 3, "outcome": "ok",
   "answer": {"a": 5, "b": 5}},
  {"process": 2, "call": "read", "invoked": 4, "ended": 5, "outcome": "ok",
   "answer": {"a": 6, "b": 4}}]}"#;
    assert_eq!(verdict(text, Model::Bank), Verdict::Illegal);
}

#[test]
fn bad_input_is_told_with_its_place() {
    let told = |text: &str, model| {
        let problem = read(text, None, model).unwrap_err();
        let place = problem.position.map(|at| (at.line, at.column));
        (place, problem.what)
    };
    let (place, what) =
        told("{:process 0, :type :invoke, :f :read}\n{:process 0, :type", Model::Kv);
    assert_eq!((place, what.as_str()), (Some((2, 1)), "nothing closes this: `}`"));
    let (place, what) = told("{:process 0 :type :ok :f :read}", Model::Kv);
    assert_eq!(
        (place, what.as_str()),
        (Some((1, 1)), "process 0 completes what it has not invoked")
    );
    let (place, what) = told("{:process 0 :type :invoke :f :cas :value [1 2]}", Model::Kv);
    assert_eq!((place, what.as_str()), (Some((1, 1)), "the model `kv` knows no `cas`"));
    let (_, what) = told("", Model::Kv);
    assert_eq!(what, "there is no client operation in this file");
    let (place, _) = told("{\"operations\": [\n{\"process\": -1}]}", Model::Kv);
    assert_eq!(place, Some((2, 14)));
}

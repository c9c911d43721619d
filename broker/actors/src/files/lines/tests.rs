use std::fmt::Write;

use proptest::prelude::*;

use super::*;

const LABELS: Labels<'_> = Labels { ours: "ours", base: "original", theirs: "theirs" };

fn merged(base: &str, ours: &str, theirs: &str) -> Merged {
    merge(base.as_bytes(), ours.as_bytes(), theirs.as_bytes(), LABELS).expect("texts")
}

#[test]
fn edits_of_different_places_go_together() {
    let merged = merged("1\n2\n3\n4\n", "one\n2\n3\n4\n", "1\n2\n3\nfour\n5\n");
    assert_eq!(merged, Merged { text: "one\n2\n3\nfour\n5\n".into(), conflicts: 0 });
}

#[test]
fn edits_of_one_place_are_shown_with_what_they_began_from() {
    let merged = merged("1\n2\n3", "1\ntwo\n3", "1\nzwei\n3\n4");
    assert_eq!(merged.conflicts, 1);
    let expected =
        "1\n<<<<<<< ours\ntwo\n3\n||||||| original\n2\n3\n=======\nzwei\n3\n4\n>>>>>>> theirs\n";
    assert_eq!(merged.text, expected);
}

#[test]
fn lines_that_touch_conflict_and_the_same_edit_twice_does_not() {
    assert_eq!(merged("1\n2\n", "one\n2\n", "1\ntwo\n").conflicts, 1);
    assert_eq!(merged("1\n2\n", "1\nx\n", "1\nx\n").text, "1\nx\n");
    assert_eq!(merged("", "a\n", "a\n").conflicts, 0);
    assert_eq!(merged("", "a\n", "b\n").conflicts, 1);
}

#[test]
fn line_ends_come_out_as_they_were() {
    let crlf = merged("1\r\n2\r\n3\r\n", "one\r\n2\r\n3\r\n", "1\r\n2\r\n3\r\n4");
    assert_eq!(crlf, Merged { text: "one\r\n2\r\n3\r\n4".into(), conflicts: 0 });
    assert_eq!(merged("a", "a\n", "a\n").text, "a\n");
}

#[test]
fn what_is_no_text_or_too_much_is_not_compared() {
    let tried = |content: &[u8]| merge(b"", content, b"x", LABELS).map(|merged| merged.conflicts);
    assert_eq!(tried(b"\xff"), Err(Unfit::Binary));
    assert_eq!(tried(b"a\0"), Err(Unfit::Binary));
    assert_eq!(tried(&vec![b'a'; TEXT_BYTES_MAX + 1]), Err(Unfit::TooLarge));
    assert_eq!(tried("a\n".repeat(CHANGED_LINES_MAX + 1).as_bytes()), Err(Unfit::TooFarApart));
    // What is the same at both ends does not count.
    let long = "a\n".repeat(3 * CHANGED_LINES_MAX);
    assert_eq!(merged(&long, &format!("{long}b\n"), &format!("c\n{long}")).conflicts, 0);
}

#[test]
fn the_reasons_name_the_limits() {
    assert!(Unfit::TooLarge.reason().contains(&TEXT_BYTES_MAX.to_string()));
    assert!(Unfit::TooFarApart.reason().contains(&CHANGED_LINES_MAX.to_string()));
}

#[test]
fn differences_are_written_as_diff_writes_them() {
    let written = |before: &str, after: &str| {
        unified(before.as_bytes(), after.as_bytes(), ("a", "b")).expect("texts")
    };
    let expected = "--- a\n+++ b\n@@ -1 +1,2 @@\n-x\n\\ No newline at end of file\n+x\n+y\n";
    assert_eq!(written("x", "x\ny\n"), expected);
    assert_eq!(written("", "x\n"), "--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n");
    assert_eq!(written("same", "same"), "");
}

/// A text of numbered lines, all different, after edits: what became of each line.
fn edited(edits: &[u8], name: char) -> String {
    let mut text = String::new();
    for (number, edit) in edits.iter().enumerate() {
        let _ = match edit {
            0 => Ok(()),
            1 => writeln!(text, "{number}{name}"),
            2 => write!(text, "{number}\n{number}{name}\n"),
            _ => writeln!(text, "{number}"),
        };
    }
    text
}

fn any_edits() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0..12u8, 40)
}

fn any_text() -> impl Strategy<Value = String> {
    (prop::collection::vec(0..5u8, 0..30), any::<bool>()).prop_map(|(lines, ended)| {
        let lines: Vec<String> = lines.iter().map(u8::to_string).collect();
        lines.join("\n") + if ended && !lines.is_empty() { "\n" } else { "" }
    })
}

proptest! {
    /// Where no two lines are alike there is one way to see the edits, and another library's merge is the model.
    #[test]
    fn a_merge_is_what_another_library_makes_of_it(ours in any_edits(), theirs in any_edits()) {
        let base = edited(&[9; 40], 'b');
        let (ours, theirs) = (edited(&ours, 'o'), edited(&theirs, 't'));
        let merged = merged(&base, &ours, &theirs);
        match diffy::merge(&base, &ours, &theirs) {
            Ok(text) => prop_assert_eq!((merged.text, merged.conflicts), (text, 0)),
            Err(text) => {
                prop_assert_eq!(merged.text, text);
                prop_assert!(merged.conflicts > 0);
            }
        }
    }

    #[test]
    fn an_edit_and_none_are_the_edit(base in any_text(), edit in any_text()) {
        let expected = Merged { text: edit.clone(), conflicts: 0 };
        prop_assert_eq!(&merged(&base, &edit, &base), &expected);
        prop_assert_eq!(&merged(&base, &base, &edit), &expected);
        prop_assert_eq!(&merged(&base, &edit, &edit), &expected);
    }

    #[test]
    fn each_conflict_has_its_markers_on_lines_of_their_own(
        base in any_text(), ours in any_text(), theirs in any_text(),
    ) {
        let merged = merged(&base, &ours, &theirs);
        for mark in ["<<<<<<< ours", "||||||| original", "=======", ">>>>>>> theirs"] {
            let marks = merged.text.lines().filter(|line| *line == mark).count();
            prop_assert_eq!(marks, merged.conflicts);
        }
    }

    #[test]
    fn differences_lead_from_one_text_to_the_other(before in any_text(), after in any_text()) {
        let text = unified(before.as_bytes(), after.as_bytes(), ("a", "b")).expect("texts");
        if before == after {
            prop_assert_eq!(text, "");
        } else {
            let patch = diffy::Patch::from_str(&text).expect("a patch");
            prop_assert_eq!(diffy::apply(&before, &patch).expect("it fits"), after);
        }
    }
}

//! Fencing: who may speak about a task that an agent has.

use super::super::task::{HandedOut, Stage, Task};
use crate::Refusal;

/// Who speaks about a task, and of which attempt.
#[derive(Debug, Clone, Copy)]
pub struct Voice<'a> {
    /// The task.
    pub id: &'a str,
    /// The attempt, if it was named by a receipt.
    pub attempt: Option<u32>,
    /// The agent; empty if nobody said. Then it speaks for whoever has the task.
    pub speaker: &'a str,
}

/// The id of a task, and the attempt if the word is a receipt, `<id>#<attempt>`.
pub fn split_receipt(word: &str) -> (&str, Option<u32>) {
    let receipt = word.rsplit_once('#').and_then(|(id, attempt)| Some((id, attempt.parse().ok()?)));
    receipt.map_or((word, None), |(id, attempt)| (id, Some(attempt)))
}

impl<'a> Voice<'a> {
    /// Who says something about the task that `word` names by its id or by a receipt.
    pub fn new(word: &'a str, speaker: &'a str) -> Self {
        let (id, attempt) = split_receipt(word);
        Self { id, attempt, speaker }
    }

    /// What the speaker has, if it has the task.
    ///
    /// # Errors
    /// [`Refusal::NotHeld`]: somebody else has it, or nobody.
    pub fn held<'t>(&self, task: &'t Task) -> Result<&'t HandedOut, Refusal> {
        let present = task.attempts.handed_out();
        let Stage::Out(handed) = &task.stage else {
            return Err(Refusal::HeldByNobody(self.id.into(), task.status().word()));
        };
        let speaks = self.speaker.is_empty() || *handed.holder == *self.speaker;
        if speaks && self.attempt.is_none_or(|attempt| attempt == present) {
            Ok(handed)
        } else {
            Err(Refusal::NotHeld(self.id.into(), (*handed.holder).into(), present))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::split_receipt;

    #[test]
    fn a_receipt_is_an_id_and_an_attempt() {
        assert_eq!(split_receipt("bob.t.1#12"), ("bob.t.1", Some(12)));
        assert_eq!(split_receipt("bob.t.1"), ("bob.t.1", None));
        assert_eq!(split_receipt("#topic.t.1"), ("#topic.t.1", None));
        assert_eq!(split_receipt("bob.t.1#x"), ("bob.t.1#x", None));
        assert_eq!(split_receipt("bob.t.1#-1"), ("bob.t.1#-1", None));
    }
}

//! Every end that a match may have: the longest one, or the shortest.

use std::cell::{Cell, RefCell};

use datafusion::common::exec_err;
use datafusion::error::Result;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::NFA;
use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_automata::{Anchored, Input, MatchKind};

/// The bytes that a machine may take.
const MACHINE_BYTES: usize = 2 << 20;

/// The steps that a text may take for each of its bytes, and those that every text may take.
const STEPS: (usize, usize) = (200, 100_000);

/// The steps that are left for a text: matches that look far ahead, one after the other, could take the
/// square of its length.
pub(super) struct Budget(Cell<usize>);

impl Budget {
    pub fn of(text: &str) -> Self {
        Self(Cell::new(text.len().saturating_mul(STEPS.0).saturating_add(STEPS.1)))
    }

    fn spend(&self, steps: usize) -> Result<()> {
        match self.0.get().checked_sub(steps) {
            Some(left) => {
                self.0.set(left);
                Ok(())
            }
            None => exec_err!("a regular expression takes too many steps on a text"),
        }
    }
}

/// A machine that goes on behind the first end that it finds.
pub(super) struct Ends {
    written: String,
    dfa: DFA,
    cache: RefCell<Cache>,
}

/// What the machine has come to.
enum Found {
    End(Option<usize>),
    /// It does not tell: there are characters that it cannot look at.
    Untold,
}

impl Ends {
    /// The machine of a pattern that is written for it.
    pub fn new(written: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let dfa = DFA::builder()
            .configure(
                DFA::config()
                    .match_kind(MatchKind::All)
                    .unicode_word_boundary(true)
                    .cache_capacity(MACHINE_BYTES)
                    .skip_cache_capacity_check(true),
            )
            .thompson(NFA::config().nfa_size_limit(Some(MACHINE_BYTES)))
            .build(written)?;
        let cache = RefCell::new(dfa.create_cache());
        Ok(Self { written: written.to_owned(), dfa, cache })
    }

    /// The end of a match that begins at a place.
    pub fn find(
        &self,
        text: &str,
        start: usize,
        is_shortest: bool,
        budget: &Budget,
    ) -> Result<Option<usize>> {
        match self.run(text, start, is_shortest, budget)? {
            Found::End(end) => Ok(end),
            Found::Untold => {
                budget.spend(text.len() - start)?;
                Ok(self.by_threads(text, start, is_shortest))
            }
        }
    }

    fn run(&self, text: &str, start: usize, is_shortest: bool, budget: &Budget) -> Result<Found> {
        let mut cache = self.cache.borrow_mut();
        let input = Input::new(text).span(start..text.len()).anchored(Anchored::Yes);
        let Ok(mut state) = self.dfa.start_state_forward(&mut cache, &input) else {
            return Ok(Found::Untold);
        };
        let (mut end, mut steps) = (None, 0);
        for (at, byte) in text.bytes().enumerate().skip(start) {
            steps += 1;
            let Ok(next) = self.dfa.next_state(&mut cache, state, byte) else {
                return Ok(Found::Untold);
            };
            state = next;
            if state.is_quit() {
                return Ok(Found::Untold);
            }
            // The machine tells of a match when it has seen the byte behind it.
            if state.is_match() {
                end = Some(at);
            }
            if state.is_dead() || is_shortest && end.is_some() {
                budget.spend(steps)?;
                return Ok(Found::End(end));
            }
            if steps == 1 << 12 {
                budget.spend(steps)?;
                steps = 0;
            }
        }
        budget.spend(steps)?;
        match self.dfa.next_eoi_state(&mut cache, state) {
            Ok(last) if last.is_match() => Ok(Found::End(Some(text.len()))),
            Ok(_) => Ok(Found::End(end)),
            Err(_) => Ok(Found::Untold),
        }
    }

    /// The same by a slower machine, which looks at every character.
    fn by_threads(&self, text: &str, start: usize, is_shortest: bool) -> Option<usize> {
        let machine = PikeVM::builder()
            .configure(PikeVM::config().match_kind(MatchKind::All))
            .build(&self.written)
            .ok()?;
        let input = Input::new(text).span(start..text.len()).anchored(Anchored::Yes);
        let found = machine.find(&mut machine.create_cache(), input.earliest(is_shortest));
        found.map(|found| found.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_machines_tell_the_same_ends() {
        let cases = [
            ("a|ay", "xay", 1, false, Some(3)),
            ("a+?", "aaab", 0, true, Some(1)),
            ("a*", "baa", 0, false, Some(0)),
            ("\\bo\\w*\\b", "où là", 0, false, Some(3)),
            ("(?:a|ab)(?:c|bcd)", "abcd", 0, false, Some(4)),
            ("z", "a", 0, false, None),
        ];
        for (pattern, text, start, is_shortest, end) in cases {
            let ends = Ends::new(pattern).unwrap();
            let found = ends.find(text, start, is_shortest, &Budget::of(text)).unwrap();
            assert_eq!(found, end, "{pattern}");
            assert_eq!(ends.by_threads(text, start, is_shortest), end, "{pattern}");
        }
    }
}

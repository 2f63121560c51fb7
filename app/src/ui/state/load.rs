//! Something that is fetched: what was there stays while more comes or when nothing comes.

use domain::error::Problem;

/// The newest answer, and what became of the question after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Load<T> {
    /// The newest answer; kept when a later question fails.
    pub data: Option<T>,
    /// Why the last question has no answer.
    pub problem: Option<Problem>,
    /// A question is under way.
    pub loading: bool,
}

impl<T> Default for Load<T> {
    fn default() -> Self {
        Self { data: None, problem: None, loading: false }
    }
}

impl<T> Load<T> {
    /// Takes an answer in.
    pub fn settle(&mut self, answer: Result<T, Problem>) {
        self.loading = false;
        match answer {
            Ok(data) => {
                self.data = Some(data);
                self.problem = None;
            }
            Err(problem) => self.problem = Some(problem),
        }
    }
}

//! Names of message groups, each once: a queue has fewer groups than messages.

use std::collections::HashSet;
use std::sync::Arc;

/// Beside its text a name has two counts where it lies, and who holds it has its place and length.
const BESIDE: usize = 4 * size_of::<usize>();

#[derive(Debug, Default)]
pub(super) struct Groups {
    names: HashSet<Arc<str>>,
    bytes: usize,
}

impl Groups {
    /// The name for one more message.
    pub fn hold(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        self.bytes += name.len() + BESIDE;
        self.names.insert(Arc::clone(&name));
        name
    }

    /// A message does not have it any more.
    pub fn release(&mut self, name: Option<Arc<str>>) {
        // Nobody has it but the set and whoever gives it back.
        if let Some(name) = name.filter(|name| Arc::strong_count(name) == 2) {
            self.names.remove(&name);
            self.bytes -= name.len() + BESIDE;
        }
    }

    /// Bytes of memory.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

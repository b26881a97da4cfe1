//! A body on its way in: counted while it comes, against its own limit and the memory that all uploads share. What is cut off leaves nothing.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, ErrorCode, Reason, Result};

const MIB: usize = 1024 * 1024;

/// What has come so far; dropping it gives its memory back.
#[derive(Debug)]
pub struct Incoming {
    bytes: Vec<u8>,
    max_mib: u16,
    memory: Arc<Semaphore>,
    held: Vec<OwnedSemaphorePermit>,
}

impl Incoming {
    pub(super) fn new(memory: Arc<Semaphore>, max_mib: u16) -> Self {
        Self { bytes: Vec::new(), max_mib, memory, held: Vec::new() }
    }

    /// `too_large`, when the sender says beforehand that it will be.
    pub fn announce(&self, length: u64) -> Result<()> {
        if length > u64::from(self.max_mib) * 1024 * 1024 { Err(self.too_large()) } else { Ok(()) }
    }

    /// Takes one more piece, or says why not.
    pub fn push(&mut self, piece: &[u8]) -> Result<()> {
        let length = self.bytes.len() + piece.len();
        if length > usize::from(self.max_mib) * MIB {
            return Err(self.too_large());
        }
        while self.held.len() * MIB < length {
            let permit = self.memory.clone().try_acquire_owned();
            self.held.push(permit.map_err(|_| Error::unavailable("many files are being sent right now; try again in a moment"))?);
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    /// All of it, once it has ended.
    pub(super) fn whole(self) -> Result<Vec<u8>> {
        if self.bytes.is_empty() { Err(Error::invalid("the file is empty").because(Reason::FileEmpty)) } else { Ok(self.bytes) }
    }

    fn too_large(&self) -> Error {
        Error::new(
            ErrorCode::TooLarge,
            format!("the file is larger than {} MiB, which is the limit here; send a smaller one", self.max_mib),
        )
        .because(Reason::FileTooLarge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_share_the_memory_and_give_it_back() {
        let memory = Arc::new(Semaphore::new(3));
        let mut first = Incoming::new(memory.clone(), 2);
        first.push(&vec![0; MIB]).unwrap();
        first.push(&[0]).unwrap();
        assert_eq!(memory.available_permits(), 1);
        let mut second = Incoming::new(memory.clone(), 2);
        second.push(&vec![0; MIB]).unwrap();
        assert_eq!(second.push(&[0]).unwrap_err().code, ErrorCode::Unavailable);
        assert_eq!(first.push(&vec![0; MIB]).unwrap_err().code, ErrorCode::TooLarge);
        drop((first, second));
        assert_eq!(memory.available_permits(), 3);
    }

    #[test]
    fn what_is_announced_too_large_is_refused_before_it_comes() {
        let incoming = Incoming::new(Arc::new(Semaphore::new(1)), 1);
        incoming.announce(MIB as u64).unwrap();
        assert!(incoming.announce(MIB as u64 + 1).unwrap_err().message.contains("1 MiB"));
    }
}

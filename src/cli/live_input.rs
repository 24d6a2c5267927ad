//! Input that ends early when the user interrupts the program.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Bytes that are read at a time.
const CHUNK: usize = 64 << 10;
/// Chunks that are kept until they are needed.
const CHUNKS: usize = 16;

enum Message {
    Data(io::Result<Vec<u8>>),
    /// The input has ended, or was stopped.
    End,
}

/// What another input contains until it ends or is stopped.
pub struct LiveInput {
    messages: Receiver<Message>,
    chunk: Vec<u8>,
    /// How much of the chunk has been read.
    at: usize,
    ended: bool,
}

/// Stops a [`LiveInput`].
pub struct Stopper {
    messages: SyncSender<Message>,
    stopped: Arc<AtomicBool>,
}

/// Reads an input in a thread of its own, because a read cannot be interrupted.
pub fn live_input(mut input: impl Read + Send + 'static) -> (LiveInput, Stopper) {
    let (sender, messages) = sync_channel(CHUNKS);
    let stopper = Stopper { messages: sender.clone(), stopped: Arc::default() };
    thread::spawn(move || {
        loop {
            let mut chunk = vec![0; CHUNK];
            let read = match input.read(&mut chunk) {
                Ok(0) => {
                    let _ = sender.send(Message::End);
                    return;
                }
                Ok(read) => {
                    chunk.truncate(read);
                    Ok(chunk)
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let failed = read.is_err();
            // Sending fails once the receiver has stopped reading.
            if sender.send(Message::Data(read)).is_err() || failed {
                return;
            }
        }
    });
    (LiveInput { messages, chunk: Vec::new(), at: 0, ended: false }, stopper)
}

impl Stopper {
    /// Lets the input end after what has been read so far. Returns whether this is the first time.
    pub fn stop(&self) -> bool {
        let first = !self.stopped.swap(true, Ordering::SeqCst);
        if first {
            let _ = self.messages.send(Message::End);
        }
        first
    }
}

impl Read for LiveInput {
    /// Waits for the first bytes, and adds what else has arrived.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut read = 0;
        while read < buffer.len() {
            if self.at < self.chunk.len() {
                let rest = &self.chunk[self.at..];
                let length = rest.len().min(buffer.len() - read);
                buffer[read..read + length].copy_from_slice(&rest[..length]);
                self.at += length;
                read += length;
                continue;
            }
            if self.ended {
                break;
            }
            let next =
                if read == 0 { self.messages.recv().ok() } else { self.messages.try_recv().ok() };
            match next {
                Some(Message::Data(Ok(chunk))) => {
                    self.chunk = chunk;
                    self.at = 0;
                }
                Some(Message::Data(Err(error))) => {
                    self.ended = true;
                    return Err(error);
                }
                Some(Message::End) => self.ended = true,
                // Nothing more has arrived, or the input has ended.
                None => {
                    self.ended = read == 0;
                    break;
                }
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns some bytes, and then never anything.
    struct Endless(&'static [u8]);

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            while self.0.is_empty() {
                thread::park();
            }
            let length = self.0.len().min(buffer.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    #[test]
    fn everything_is_read() {
        let text = "some text\n".repeat(50_000);
        let (mut input, _stopper) = live_input(io::Cursor::new(text.clone()));
        let mut read = String::new();
        input.read_to_string(&mut read).unwrap();
        assert_eq!(read, text);
    }

    #[test]
    fn an_input_that_is_stopped_ends() {
        let (mut input, stopper) = live_input(Endless(b"audience is invalid"));
        let mut buffer = [0; 100];
        let length = input.read(&mut buffer).unwrap();
        assert_eq!(&buffer[..length], b"audience is invalid");
        assert!(stopper.stop());
        assert_eq!(input.read(&mut buffer).unwrap(), 0);
        assert!(!stopper.stop());
        assert_eq!(input.read(&mut buffer).unwrap(), 0);
    }
}

//! The client's side: what was asked and is not answered yet.
//!
//! Whoever stops waiting takes nothing along. An answer that finds nobody is given back: the item to the front of its queue,
//! the permits to their gate, the holds to the scheduler.

use super::{Answer, Ask, Said};
use crate::{Error, Result, runtime};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    sync::oneshot,
    time::{Sleep, sleep},
};

/// How long somebody whose time is up waits to hear that it came too late, before it gives the scheduler up.
const LAST_WORD: Duration = Duration::from_secs(5);

type Sends = Box<dyn Fn(Said) -> Result<()> + Send + Sync>;

/// What one client has asked and who waits for the answers.
pub struct Asking {
    send: Sends,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The number of the last ask.
    last: u64,
    waiting: FxHashMap<u64, oneshot::Sender<Result<Answer>>>,
    /// Why nothing more is answered.
    over: Option<Error>,
}

impl Asking {
    /// Asks through `send`, which never blocks; the answers are handed to [`answer`](Self::answer).
    pub fn new(send: impl Fn(Said) -> Result<()> + Send + Sync + 'static) -> Self {
        Asking { send: Box::new(send), state: Mutex::default() }
    }

    /// Asks. Dropped before it is answered, the ask is withdrawn.
    pub fn ask(self: &Arc<Self>, ask: Ask) -> Asked {
        let (tell, told) = oneshot::channel();
        let mut state = self.state.lock();
        state.last += 1;
        let (number, over) = (state.last, state.over.clone());
        match over {
            None => {
                state.waiting.insert(number, tell);
                drop(state);
                if let Err(error) = (self.send)(Said::Ask(number, ask)) {
                    self.answer(number, Err(error));
                }
            }
            Some(error) => {
                drop(state);
                // Its receiver is here.
                let _ = tell.send(Err(error));
            }
        }
        Asked { asking: self.clone(), number, told, answered: false }
    }

    /// Says something that needs no answer. Never blocks and never fails: it is called from `Drop`.
    pub fn tell(&self, ask: Ask) {
        // Without a scheduler there is nothing left to give back.
        let _ = (self.send)(Said::Ask(0, ask));
    }

    /// An answer came.
    pub fn answer(&self, number: u64, answer: Result<Answer>) {
        let waiting = self.state.lock().waiting.remove(&number);
        let unclaimed = match waiting {
            Some(tell) => tell.send(answer).err(),
            None => Some(answer),
        };
        if let Some(answer) = unclaimed {
            self.give_back(answer);
        }
    }

    /// Nothing more will be answered.
    pub fn fail(&self, error: &Error) {
        let mut state = self.state.lock();
        state.over.get_or_insert_with(|| error.clone());
        let waiting: Vec<_> = state.waiting.drain().collect();
        drop(state);
        for (_, tell) in waiting {
            // Whoever asked may have stopped waiting.
            let _ = tell.send(Err(error.clone()));
        }
    }

    fn give_back(&self, answer: Result<Answer>) {
        match answer {
            Ok(Answer::Item { queue, capacity, value }) => self.tell(Ask::PutBack { queue, capacity, value }),
            Ok(Answer::Granted { gate, number }) => self.tell(Ask::Free { gate, number }),
            Ok(Answer::Found(publication)) => self.tell(Ask::LetGo { publication }),
            _ => {}
        }
    }

    fn withdraw(&self, number: u64) {
        let _ = (self.send)(Said::Withdraw(number));
    }
}

/// A timer of the I/O runtime, wherever it is polled.
fn timer(limit: Duration) -> Sleep {
    let _timers = runtime::io().enter();
    sleep(limit)
}

/// An answer that is waited for.
#[must_use = "dropped, it is withdrawn"]
pub struct Asked {
    asking: Arc<Asking>,
    number: u64,
    told: oneshot::Receiver<Result<Answer>>,
    answered: bool,
}

impl Asked {
    /// Waits for so long. [`Answer::Withdrawn`] when the time is up: then nothing was done of what was asked.
    ///
    /// # Errors
    /// Why it was refused, or the scheduler is gone.
    pub async fn within(mut self, limit: Duration) -> Result<Answer> {
        let time_is_up = timer(limit);
        tokio::select! {
            biased;
            answer = &mut self => return answer,
            () = time_is_up => {}
        }
        // An answer may be on its way. Whichever comes first, it or the word that none will come, is the last.
        self.asking.withdraw(self.number);
        let given_up = timer(LAST_WORD);
        tokio::select! {
            biased;
            answer = &mut self => answer,
            () = given_up => Ok(Answer::Withdrawn),
        }
    }
}

impl Future for Asked {
    type Output = Result<Answer>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = ready!(Pin::new(&mut self.told).poll(cx));
        self.answered = true;
        Poll::Ready(answer.unwrap_or_else(|_| Err(Error::internal("something that was asked was dropped"))))
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if self.answered {
            return;
        }
        // From here on an answer finds the way closed, and is given back by whoever brings it.
        self.told.close();
        match self.told.try_recv() {
            Ok(answer) => self.asking.give_back(answer),
            Err(_) => {
                self.asking.state.lock().waiting.remove(&self.number);
                self.asking.withdraw(self.number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use std::sync::mpsc;

    /// An asking whose words can be read.
    fn asking() -> (Arc<Asking>, mpsc::Receiver<Said>) {
        let (send, said) = mpsc::channel();
        (Arc::new(Asking::new(move |word| send.send(word).map_err(|_| Error::internal("nobody listens")))), said)
    }

    fn take() -> Ask {
        Ask::Take { queue: "q".to_owned(), capacity: 0, wait: true }
    }

    fn item() -> Result<Answer> {
        Ok(Answer::Item { queue: "q".to_owned(), capacity: 0, value: Bytes::from_static(b"x") })
    }

    fn put_back() -> Said {
        Said::Ask(0, Ask::PutBack { queue: "q".to_owned(), capacity: 0, value: Bytes::from_static(b"x") })
    }

    #[test]
    fn an_answer_goes_to_who_asked_under_its_number() {
        let (asking, said) = asking();
        let (one, two) = (asking.ask(take()), asking.ask(Ask::Names));
        assert_eq!(said.try_iter().collect::<Vec<_>>(), [Said::Ask(1, take()), Said::Ask(2, Ask::Names)]);
        asking.answer(2, Ok(Answer::Names(vec!["x".to_owned()])));
        asking.answer(1, item());
        assert_eq!(futures::executor::block_on(two).unwrap(), Answer::Names(vec!["x".to_owned()]));
        assert!(matches!(futures::executor::block_on(one).unwrap(), Answer::Item { .. }));
        assert!(said.try_recv().is_err(), "nothing is given back");
    }

    #[test]
    fn who_stops_waiting_withdraws_and_what_crosses_is_given_back() {
        let (asking, said) = asking();
        drop(asking.ask(take()));
        asking.answer(1, item());
        assert_eq!(said.try_iter().skip(1).collect::<Vec<_>>(), [Said::Withdraw(1), put_back()]);
        let answered = asking.ask(take());
        asking.answer(2, item());
        drop(answered);
        assert_eq!(said.try_iter().skip(1).collect::<Vec<_>>(), [put_back()]);
    }

    #[test]
    fn when_the_time_is_up_the_answer_that_is_on_its_way_counts() {
        let (asking, said) = asking();
        let answering = asking.clone();
        let scheduler = std::thread::spawn(move || {
            let words = said.iter().filter(|word| matches!(word, Said::Withdraw(_)));
            for (nth, _) in words.take(2).enumerate() {
                answering.answer(1 + nth as u64, if nth == 0 { Ok(Answer::Withdrawn) } else { item() });
            }
        });
        let limit = Duration::from_millis(1);
        assert_eq!(futures::executor::block_on(asking.ask(take()).within(limit)).unwrap(), Answer::Withdrawn);
        assert!(matches!(futures::executor::block_on(asking.ask(take()).within(limit)).unwrap(), Answer::Item { .. }));
        scheduler.join().unwrap();
    }

    #[test]
    fn without_a_scheduler_everybody_is_told_and_nobody_waits() {
        let (asking, said) = asking();
        let waiting = asking.ask(take());
        asking.fail(&Error::cancelled());
        assert_eq!(futures::executor::block_on(waiting).unwrap_err().message(), "cancelled");
        assert_eq!(futures::executor::block_on(asking.ask(take())).unwrap_err().message(), "cancelled");
        drop(said);
        let (other, said) = self::asking();
        drop(said);
        assert_eq!(futures::executor::block_on(other.ask(take())).unwrap_err().message(), "nobody listens");
    }
}

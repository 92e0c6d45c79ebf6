//! The monitor without I/O: datagrams in, updates out.

use std::collections::VecDeque;

use super::difference::difference;
use super::event::Event;
use super::update::{Cause, Change, Lost, Update, Why};
use crate::error::Error;
use crate::netlink::dialect::{self, Dialect};
use crate::netlink::frame::{self, Frame, Message};
use crate::status::{Source, Status};

/// How many messages may be there before one that is missing: later ones are held back so long.
const HELD: usize = 64;
/// How many messages one change may have.
const LONGEST: usize = 1 << 16;

/// Follows the state through recorded datagrams of the multicast group `events`; no I/O.
///
/// [`Monitor`](super::Monitor) is this with a socket. Where messages are missing, or tell of something that can't be,
/// [`Self::lost`] says so until [`Self::heal`] brings a fresh state.
pub struct Tracker {
    dialect: &'static Dialect,
    status: Status,
    /// The number the next message should have.
    expected: Option<u32>,
    /// Messages that came before one that is still missing.
    held: Vec<Event>,
    /// A change of which more messages are to come.
    open: Vec<Event>,
    /// Changes that are complete.
    sets: VecDeque<Vec<Event>>,
    lost: Option<Lost>,
    /// What was done of a change that could not be done as a whole.
    begun: Vec<Change>,
    pub(crate) configuration: bool,
}

impl Tracker {
    /// Starts from a state, such as a decoded snapshot.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownVersion`] for a state that isn't from netlink: there are no events to it.
    pub fn new(status: Status) -> Result<Self, Error> {
        let dialect = Dialect::of(match status.source {
            Source::NetlinkV1 => 1,
            Source::NetlinkV2 => 2,
            _ => 0,
        })?;
        Ok(Self {
            dialect,
            status,
            expected: None,
            held: Vec::new(),
            open: Vec::new(),
            sets: VecDeque::new(),
            lost: None,
            begun: Vec::new(),
            configuration: false,
        })
    }

    /// The state after the last update.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Takes one datagram of the group.
    pub fn datagram(&mut self, bytes: &[u8]) {
        match frame::frames(bytes, "of the group events") {
            Err(error) => self.lose(Why::Malformed(error.to_string()), None),
            Ok(frames) => {
                for frame in &frames {
                    if let Frame::Message(message) = frame {
                        self.message(message);
                    }
                }
            }
        }
    }

    pub(crate) fn message(&mut self, message: &Message<'_>) {
        match Event::parse(message) {
            Err(error) => self.lose(Why::Malformed(error.to_string()), None),
            // Has numbers of its own, and is a change of its own.
            Ok(event) if event.command == dialect::EVENT && self.dialect.source == Source::NetlinkV1 => {
                self.sets.push_back(vec![event]);
            }
            Ok(event) => self.ordered(event),
        }
    }

    /// The next change that is complete.
    pub fn next_update(&mut self) -> Option<Update> {
        while self.lost.is_none() {
            let mut changes = Vec::new();
            let set = self.sets.pop_front()?;
            let mut rest = set.into_iter();
            for event in rest.by_ref() {
                match event.apply(self.dialect, &mut self.status) {
                    Ok(effect) => {
                        changes.extend(effect.changes);
                        self.configuration |= effect.configuration;
                    }
                    Err(why) => {
                        self.begun = std::mem::take(&mut changes);
                        self.lose(why, None);
                        break;
                    }
                }
            }
            // After a loss its rest is looked through for news.
            let rest: Vec<Event> = rest.collect();
            if !rest.is_empty() {
                self.sets.push_front(rest);
            }
            if !changes.is_empty() {
                self.status.sort();
                return Some(Update { cause: Cause::Event, changes });
            }
        }
        None
    }

    /// What was lost, until [`Self::heal`].
    pub fn lost(&self) -> Option<&Lost> {
        self.lost.as_ref()
    }

    /// Whether something is held back until a message comes that may not come.
    pub fn is_waiting(&self) -> bool {
        !self.held.is_empty() || !self.open.is_empty()
    }

    /// Waits no longer for what [`Self::is_waiting`] means.
    pub fn give_up(&mut self) {
        self.skip();
        if !self.open.is_empty() && self.lost.is_none() {
            self.lose(Why::Unfinished, None);
        }
    }

    /// Notes a loss that shows elsewhere, as in `ENOBUFS`.
    pub(crate) fn lose(&mut self, why: Why, messages: Option<u32>) {
        let lost = self.lost.get_or_insert(Lost { why, messages: None });
        lost.messages = match (lost.messages, messages) {
            (Some(before), Some(more)) => Some(before.saturating_add(more)),
            (before, more) => before.or(more),
        };
    }

    /// Takes a fresh state. The update tells the difference, and any news received that isn't in a state.
    pub fn heal(&mut self, fresh: Status) -> Update {
        self.skip();
        let cause = self.lost.take().map_or(Cause::Refreshed, Cause::Lost);
        let received = std::mem::take(&mut self.sets).into_iter().flatten().chain(std::mem::take(&mut self.open));
        let mut changes = std::mem::take(&mut self.begun);
        for event in received.filter(Event::is_news) {
            if let Ok(effect) = event.apply(self.dialect, &mut self.status) {
                changes.extend(effect.changes);
            }
        }
        changes.extend(difference(&self.status, &fresh));
        self.status = fresh;
        self.configuration = false;
        Update { cause, changes }
    }

    /// Takes the same state with fresh configuration.
    pub(crate) fn configure(&mut self, fresh: Status) -> Option<Update> {
        self.configuration = false;
        let changes: Vec<Change> = difference(&self.status, &fresh);
        self.status = fresh;
        (!changes.is_empty()).then_some(Update { cause: Cause::Configuration, changes })
    }

    /// How many messages are missing before this one; `None` if it comes too late.
    fn ahead(&self, event: &Event) -> Option<u32> {
        let ahead = event.sequence.wrapping_sub(self.expected?);
        (ahead < 1 << 31).then_some(ahead)
    }

    fn ordered(&mut self, event: Event) {
        if self.expected.is_none() {
            self.expected = Some(event.sequence);
        }
        match self.ahead(&event) {
            Some(0) => self.push(event),
            Some(_) => self.held.push(event),
            None => {
                self.lose(Why::Gap, None);
                self.sets.push_back(vec![event]);
            }
        }
        while let Some(next) = self.held.iter().position(|own| self.ahead(own) == Some(0)) {
            let event = self.held.swap_remove(next);
            self.push(event);
        }
        if self.held.len() > HELD {
            self.skip();
        }
    }

    /// Goes on behind what is missing: there will be a fresh state.
    fn skip(&mut self) {
        let mut held = std::mem::take(&mut self.held);
        held.sort_by_key(|event| self.ahead(event));
        for event in held {
            if let Some(missing @ 1..) = self.ahead(&event) {
                self.lose(Why::Gap, Some(missing));
            }
            self.push(event);
        }
    }

    fn push(&mut self, event: Event) {
        self.expected = Some(event.sequence.wrapping_add(1));
        // For the snapshot that follows a loss, only news count.
        if self.lost.is_some() && !event.is_news() {
            return;
        }
        let continues = event.continues();
        self.open.push(event);
        if !continues {
            self.sets.push_back(std::mem::take(&mut self.open));
        } else if self.open.len() > LONGEST {
            self.lose(Why::Unfinished, None);
        }
    }
}

//! Who is signed in and in which organization they work.
//!
//! Whatever the server refuses with 401 says so here ([`Session::ask`]), so that no page has to think about it.
//!
//! Invariant: a session that ends by itself takes nothing away from the screen. The person stays who they were and
//! signs in again over the page, which is then as they left it; only they lead away from it.

use domain::error::Problem;
use domain::id::OrganizationId;
use domain::user::{Organization, OrganizationAccess, Role, SessionInfo};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::browser;
use crate::rpc::{RpcError, session as rpc};

const ORGANIZATION_KEY: &str = "organization";

/// What is known about the person in front of the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionState {
    /// The server has not answered yet.
    Unknown,
    /// Nobody is signed in.
    SignedOut,
    /// Somebody is.
    SignedIn(Box<SessionInfo>),
    /// The server could not say.
    Failed(Problem),
}

/// The session, as a context of the whole console.
#[derive(Clone, Copy)]
pub struct Session {
    state: RwSignal<SessionState>,
    /// The person is still in front of the screen, and the server no longer knows them.
    expired: RwSignal<bool>,
    /// Counts the times they came back.
    renewals: RwSignal<u32>,
    chosen: RwSignal<Option<OrganizationId>>,
}

/// Provides the session and asks the server for it.
pub fn provide_session() -> Session {
    let session = Session {
        state: RwSignal::new(SessionState::Unknown),
        expired: RwSignal::new(false),
        renewals: RwSignal::new(0),
        chosen: RwSignal::new(browser::stored(ORGANIZATION_KEY).and_then(|id| id.parse().ok())),
    };
    provide_context(session);
    session.load();
    session
}

/// The session.
pub fn use_session() -> Session {
    expect_context()
}

impl Session {
    /// Asks the server who is signed in.
    pub fn load(self) {
        spawn_local(async move {
            match rpc::session_info().await {
                Ok(Some(info)) => self.signed_in(info),
                Ok(None) => self.lost(),
                // The account is gone.
                Err(RpcError(problem)) if problem.status == 401 => self.lost(),
                // What is known stays, and whatever else is asked will say what is wrong.
                Err(_) if self.is_signed_in() => {}
                Err(RpcError(problem)) => self.state.set(SessionState::Failed(problem)),
            }
        });
    }

    fn is_signed_in(self) -> bool {
        self.state.with_untracked(|state| matches!(state, SessionState::SignedIn(_)))
    }

    /// The server knows nobody behind this browser.
    fn lost(self) {
        if self.is_signed_in() {
            self.expired.set(true);
        } else {
            self.state.set(SessionState::SignedOut);
        }
    }

    /// Whether the person has to sign in again before the server does anything for them; reactive.
    pub fn is_expired(self) -> bool {
        self.expired.get()
    }

    /// How often a person signed in again over the page; reactive.
    pub fn renewals(self) -> u32 {
        self.renewals.get()
    }

    /// What is known; reactive.
    pub fn state(self) -> SessionState {
        self.state.get()
    }

    /// Looks at what is known; reactive.
    pub fn with_state<T>(self, read: impl FnOnce(&SessionState) -> T) -> T {
        self.state.with(read)
    }

    /// Looks at what is known, without listening to it.
    pub fn with_state_untracked<T>(self, read: impl FnOnce(&SessionState) -> T) -> T {
        self.state.with_untracked(read)
    }

    /// The signed-in person's facts; reactive, `None` when nobody is signed in.
    pub fn info(self) -> Option<SessionInfo> {
        match self.state.get() {
            SessionState::SignedIn(info) => Some(*info),
            _ => None,
        }
    }

    /// After a sign-in or the set-up: the server's answer is the session.
    pub fn signed_in(self, info: SessionInfo) {
        self.state.set(SessionState::SignedIn(Box::new(info)));
        if self.expired.get_untracked() {
            self.expired.set(false);
            self.renewals.update(|count| *count += 1);
        }
    }

    /// Gives the page up: to the sign-in page, for whoever comes next.
    pub fn give_up(self) {
        self.state.set(SessionState::SignedOut);
        self.expired.set(false);
    }

    /// Signs out. Also when the server does not answer: the person wants to be gone.
    pub fn sign_out(self) {
        spawn_local(async move {
            // The cookie stays then, and so does the session on the server; nothing here can change that.
            let _ = rpc::logout().await;
            self.give_up();
        });
    }

    /// The organization that is worked in: the chosen one, else the first; reactive.
    pub fn organization(self) -> Option<OrganizationAccess> {
        let chosen = self.chosen.get();
        self.state.with(|state| {
            let SessionState::SignedIn(info) = state else { return None };
            let all = &info.organizations;
            let found = all.iter().find(|access| Some(&access.organization.id) == chosen.as_ref());
            found.or_else(|| all.first()).cloned()
        })
    }

    /// Works in another organization from now on, also after a reload.
    pub fn choose(self, id: OrganizationId) {
        browser::store(ORGANIZATION_KEY, id.as_str());
        self.chosen.set(Some(id));
    }

    /// Waits for a server function; a 401 asks the person to sign in again.
    pub async fn ask<T>(self, call: impl Future<Output = Result<T, RpcError>>) -> Result<T, Problem> {
        call.await.map_err(|RpcError(problem)| {
            if problem.status == 401 {
                self.lost();
            }
            problem
        })
    }
}

/// The organization a page works in. The shell builds its pages anew for another one, so that it never changes
/// during a page's life.
#[derive(Clone, Copy)]
pub struct CurrentOrganization(StoredValue<OrganizationAccess>);

/// Provides the organization to everything below the caller.
pub fn provide_organization(access: OrganizationAccess) {
    provide_context(CurrentOrganization(StoredValue::new(access)));
}

/// The organization of the page.
pub fn use_organization() -> CurrentOrganization {
    expect_context()
}

impl CurrentOrganization {
    /// Its id, as every server function wants it.
    pub fn id(self) -> OrganizationId {
        self.0.with_value(|access| access.organization.id.clone())
    }
    /// All about it.
    pub fn organization(self) -> Organization {
        self.0.with_value(|access| access.organization.clone())
    }
    /// What the person may do in it.
    pub fn role(self) -> Role {
        self.0.with_value(|access| access.role)
    }
    /// Whether the person's role includes `needed`.
    pub fn allows(self, needed: Role) -> bool {
        self.role().allows(needed)
    }
}

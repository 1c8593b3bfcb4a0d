//! The guard on the wire. A call passes if the policy of the function that makes it allows each of its accesses, as on
//! AWS.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    sync::Mutex,
};

use axum::http::HeaderMap;
use local_shop::{Grant, Policy, ServiceAction, Shop};

use super::{accesses::Access, services::Wanted};

/// What each function may do, what it did, and what it wanted to do and may not.
pub struct Guard {
    policies: BTreeMap<String, Policy>,
    /// The names of the tables' partition keys.
    keys: BTreeMap<String, String>,
    used: Mutex<BTreeSet<String>>,
    denied: Mutex<Vec<String>>,
}

impl Guard {
    /// A guard who knows the policies in the templates.
    pub fn of(template: &Shop) -> Self {
        let policies = template.operations();
        let policies = policies.map(|it| (it.name.clone(), it.policy.clone()));
        let keys = template.tables();
        let keys = keys.map(|table| (table.name.clone(), table.key.hash.name.clone()));
        Self {
            policies: policies.collect(),
            keys: keys.collect(),
            used: Mutex::default(),
            denied: Mutex::default(),
        }
    }

    /// Whether a call of this function may pass: what allows it is noted, or it is said why it may not.
    pub fn authorize(
        &self,
        function: &str,
        call: &str,
        accesses: Option<&[Access<'_>]>,
    ) -> Result<(), String> {
        self.note(function, self.granted(function, call, accesses))
    }

    /// The same of a request to another service.
    pub fn authorize_request(
        &self,
        function: &str,
        action: &str,
        wanted: &[Wanted],
    ) -> Result<(), String> {
        let policy = self.policies.get(function);
        let granted = wanted.iter().map(|Wanted { resource, said }| {
            let known = ServiceAction::parse(action);
            let granted = known.and_then(|known| policy?.service_grant(known, resource, said));
            granted.ok_or_else(|| denied(function, action, resource))
        });
        let granted: Result<Vec<_>, String> = granted.collect();
        self.note(function, granted)
    }

    /// Lets nothing pass, for this reason.
    pub fn refuse(&self, why: String) -> String {
        self.denied.lock().unwrap().push(why.clone());
        why
    }

    fn note<G: Display>(
        &self,
        function: &str,
        granted: Result<Vec<&G>, String>,
    ) -> Result<(), String> {
        let granted = granted.map_err(|why| self.refuse(why))?;
        let mut used = self.used.lock().unwrap();
        used.extend(granted.iter().map(|grant| told(function, grant)));
        Ok(())
    }

    fn granted(
        &self,
        function: &str,
        call: &str,
        accesses: Option<&[Access<'_>]>,
    ) -> Result<Vec<&Grant>, String> {
        let denied = |action: &str, resource: &str| {
            denied(function, &format!("dynamodb:{action}"), resource)
        };
        let (Some(policy), Some(accesses)) = (self.policies.get(function), accesses) else {
            return Err(denied(call, "*"));
        };
        let mut grants = Vec::new();
        for access in accesses {
            let name = self.keys.get(access.table).map_or("", String::as_str);
            let grant = policy.grant(access.action, access.table, access.index, access.key(name));
            let grant = grant.ok_or_else(|| denied(access.action.as_str(), &access.resource()))?;
            grants.push(grant);
        }
        Ok(grants)
    }

    /// What each function did so far of all that it may do.
    pub fn used(&self) -> BTreeSet<String> {
        self.used.lock().unwrap().clone()
    }

    /// Why calls did not pass since this was last asked.
    pub fn denied(&self) -> Vec<String> {
        std::mem::take(&mut *self.denied.lock().unwrap())
    }
}

/// What a function may do, or does, in words.
pub fn told(function: &str, grant: &impl Display) -> String {
    format!("{function}: {grant}")
}

/// What AWS says.
fn denied(function: &str, action: &str, resource: &str) -> String {
    format!(
        "User: {function} is not authorized to perform: {action} on resource: {resource} because no identity-based \
         policy allows the {action} action"
    )
}

/// Of a request: who makes it, and of which service.
pub struct Signature<'h> {
    pub function: &'h str,
    pub service: &'h str,
}

/// Whose key a request is signed with, and for which service.
pub fn signature(headers: &HeaderMap) -> Signature<'_> {
    let signed = headers.get("authorization");
    let signed = signed.and_then(|value| value.to_str().ok());
    let credential = signed.and_then(|signed| signed.split_once("Credential="));
    let (_, credential) = credential.unwrap_or_default();
    // Key, day, Region, service.
    let mut parts = credential.split('/');
    Signature {
        function: parts.next().unwrap_or_default(),
        service: parts.nth(2).unwrap_or_default(),
    }
}

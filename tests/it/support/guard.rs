//! The guard on the wire. A call passes if the policy of the function that makes it allows each of its accesses, as on
//! AWS.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use axum::http::HeaderMap;
use local_shop::{Grant, Policy, Shop};

use super::accesses::Access;

/// What each function may do, what it did, and what it wanted to do and may not.
pub struct Guard {
    policies: BTreeMap<String, Policy>,
    /// The names of the tables' partition keys.
    keys: BTreeMap<String, String>,
    used: Mutex<BTreeMap<String, BTreeSet<Grant>>>,
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
        match self.granted(function, call, accesses) {
            Ok(grants) => {
                let mut used = self.used.lock().unwrap();
                let used = used.entry(function.to_owned()).or_default();
                for grant in grants {
                    if !used.contains(grant) {
                        used.insert(grant.clone());
                    }
                }
                Ok(())
            }
            Err(why) => {
                self.denied.lock().unwrap().push(why.clone());
                Err(why)
            }
        }
    }

    fn granted(
        &self,
        function: &str,
        call: &str,
        accesses: Option<&[Access<'_>]>,
    ) -> Result<Vec<&Grant>, String> {
        let denied = |action: &str, resource: &str| {
            format!(
                "User: {function} is not authorized to perform: dynamodb:{action} on resource: {resource} because no \
                 identity-based policy allows the dynamodb:{action} action"
            )
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
    pub fn used(&self) -> BTreeMap<String, BTreeSet<Grant>> {
        self.used.lock().unwrap().clone()
    }

    /// Why calls did not pass since this was last asked.
    pub fn denied(&self) -> Vec<String> {
        std::mem::take(&mut *self.denied.lock().unwrap())
    }
}

/// Whose key a request is signed with.
pub fn signer(headers: &HeaderMap) -> &str {
    let signed = headers.get("authorization");
    let signed = signed.and_then(|value| value.to_str().ok());
    let credential = signed.and_then(|signed| signed.split_once("Credential="));
    let (_, credential) = credential.unwrap_or_default();
    credential.split('/').next().unwrap_or_default()
}

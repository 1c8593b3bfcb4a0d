//! `infra/`, read: every service with its operations, what these may do, and its tables; and what the shop is watched by.
//!
//! The templates are the one list of operations. What they say is taken as it is; what can't be understood
//! here is an error with file and line, never left out.

mod access;
mod error;
mod mapping;
mod operation;
mod permissions;
mod policy;
mod queue;
mod rule;
mod scope;
mod source;
mod table;
mod watching;
mod yaml;

#[cfg(test)]
mod constraints;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod watched;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

pub use access::Who;
pub use error::TemplateError;
pub use operation::{Operation, Route};
pub use permissions::{Declared, Permission, Permissions};
pub use policy::{Action, Grant, Policy, ServiceAction, ServiceGrant};
pub use queue::Queue;
pub use scope::arn;
use scope::{Scope, kind};
pub use source::Source;
pub use table::{Attribute, Index, Key, Table};
pub use watching::Watching;
use yaml::Node;

/// The root template's parameters by name, and those of the Parameter Store by their paths.
pub type Parameters = BTreeMap<String, String>;

/// A shop as its templates describe it.
#[derive(Clone, Debug)]
pub struct Shop {
    /// Its services, in the root template's order.
    pub services: Vec<Service>,
    /// By what it is watched.
    pub watching: Watching,
}

/// A service: what one template declares.
#[derive(Clone, Debug)]
pub struct Service {
    /// The template's name.
    pub name: String,
    /// The name of its resource in the root template.
    pub logical_id: String,
    /// The names of the parameters that its template declares.
    pub parameters: Vec<String>,
    /// Its operations, in the template's order.
    pub operations: Vec<Operation>,
    /// Its tables.
    pub tables: Vec<Table>,
}

impl Shop {
    /// The shop that `template.yaml` in this folder and the templates it names describe.
    pub fn load(infra: &Path, parameters: &Parameters) -> Result<Self, TemplateError> {
        let given = parameters
            .iter()
            .map(|(name, value)| (name.clone(), Ok(value.clone())));
        let root = Scope::open(&infra.join("template.yaml"), &given.collect())?;
        let mut services = Vec::new();
        let mut watching = Watching::default();
        watching.add(&root)?;
        for (id, resource) in root.resources()? {
            if kind(resource) == "AWS::Serverless::Application" {
                let properties = root.need(resource, "Properties")?;
                let location = root.text(root.need(properties, "Location")?)?;
                let scope = nested(&infra.join(&location), &root, properties)?;
                watching.add(&scope)?;
                services.push(service(&scope, &location, id)?);
            }
        }
        let mut shop = Self { services, watching };
        shop.check()?;
        for service in &mut shop.services {
            for operation in &mut service.operations {
                operation.read_parameters(parameters)?;
            }
        }
        Ok(shop)
    }

    /// Every operation.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.services.iter().flat_map(|service| &service.operations)
    }

    /// The operation with this name.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations().find(|operation| operation.name == name)
    }

    /// Every table.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.services.iter().flat_map(|service| &service.tables)
    }

    /// The table with this logical id, such as `OrdersTable`.
    pub fn table(&self, logical_id: &str) -> Option<&Table> {
        self.tables().find(|table| table.logical_id == logical_id)
    }

    fn check(&self) -> Result<(), TemplateError> {
        let operations = self.operations().map(|operation| operation.name.clone());
        once("operation", operations)?;
        let routes = self
            .operations()
            .filter_map(|operation| operation.route.as_ref());
        once(
            "route",
            routes.map(|route| format!("{} {}", route.method, route.path)),
        )?;
        once("table", self.tables().map(|table| table.name.clone()))?;
        for operation in self.operations() {
            if let Some(grant) = operation.policy.grants().find(|grant| !self.has(grant)) {
                return Err(TemplateError::NoTable {
                    operation: operation.name.clone(),
                    grant: grant.to_string(),
                });
            }
            mapping::check(operation)?;
        }
        Ok(())
    }

    /// Whether there is what a grant is about.
    fn has(&self, grant: &Grant) -> bool {
        let table = self.tables().find(|table| table.name == grant.table);
        table.is_some_and(|table| match &grant.index {
            None => true,
            Some(name) => table.indexes.iter().any(|index| index.name == *name),
        })
    }
}

fn once(kind: &'static str, names: impl Iterator<Item = String>) -> Result<(), TemplateError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name.clone()) {
            return Err(TemplateError::Twice { kind, name });
        }
    }
    Ok(())
}

/// The template in `file`, with the parameters that the root gives it.
fn nested(file: &Path, root: &Scope, properties: &Node) -> Result<Scope, TemplateError> {
    let mut given = BTreeMap::new();
    for (name, value) in properties
        .get("Parameters")
        .into_iter()
        .flat_map(Node::entries)
    {
        // Some values, the API's id for one, exist on AWS only. That matters only to who uses them.
        given.insert(
            name.to_owned(),
            root.text(value).map_err(|error| error.to_string()),
        );
    }
    Scope::open(file, &given)
}

fn service(scope: &Scope, location: &str, id: &str) -> Result<Service, TemplateError> {
    let name = location
        .strip_suffix(".yaml")
        .unwrap_or(location)
        .to_owned();
    Ok(Service {
        operations: operation::operations(scope, &name)?,
        tables: table::tables(scope)?,
        logical_id: id.to_owned(),
        parameters: scope.parameters().map(str::to_owned).collect(),
        name,
    })
}

//! What functions print.

use std::collections::BTreeMap;

use super::TestShop;

impl TestShop {
    /// Everything that each function has printed, after which none of them runs any more: all lines of a process are there
    /// when it has ended.
    pub async fn logs(&self) -> BTreeMap<String, String> {
        let mut logs = BTreeMap::new();
        for operation in self.template.operations() {
            let name = &operation.name;
            while self.lambda.kill_one(name).await.is_some() {}
            logs.insert(name.clone(), self.lambda.logs(name).join("\n"));
        }
        logs
    }
}

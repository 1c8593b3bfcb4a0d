//! `cargo shop demo`: a story of two customers and the shop's staff, told call by call with a running shop.
//!
//! - [`story`]: what happens, chapter by chapter.
//! - [`client`]: sends the calls; [`differs`]: what an answer must be; [`teller`]: the lines that are printed.

pub(crate) mod client;
pub(crate) mod differs;
mod story;
mod teller;

use std::time::{Duration, Instant};

use clap::Args;
pub use teller::{Style, Teller};

use self::{
    client::{Answer, Call, Client},
    differs::Checked,
};
use crate::{error::Failure, project::Project, seed::STAFF};

/// Where a shop is looked for when none is known to run.
const USUAL: &str = "http://127.0.0.1:9000";
/// How long something that lags by seconds may take.
const LAG: Duration = Duration::from_secs(20);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// The command's arguments.
#[derive(Args)]
pub struct Demo {
    /// The shop's address [default: of the shop that runs here, else http://127.0.0.1:9000]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The staff account that puts the products on sale
    #[arg(long, value_name = "EMAIL", default_value = STAFF.email)]
    staff_email: String,
    /// Its password
    #[arg(long, value_name = "PASSWORD", default_value = STAFF.password)]
    staff_password: String,
    /// Tell the story as JSON, an object a line
    #[arg(long)]
    json: bool,
}

/// The shop the story happens in.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Its address.
    pub url: String,
    /// The e-mail address of a staff account.
    pub staff_email: String,
    /// The account's password.
    pub staff_password: String,
}

impl Demo {
    /// Tells the story on standard output.
    pub async fn run(self) -> Result<(), Failure> {
        let scene = Scene {
            url: self.url.unwrap_or_else(running_here),
            staff_email: self.staff_email,
            staff_password: self.staff_password,
        };
        run(&scene, &mut Teller::on_standard_output(self.json)).await
    }
}

fn running_here() -> String {
    let running = Project::find().ok().and_then(|project| project.running());
    running
        .and_then(|running| running.url)
        .unwrap_or_else(|| USUAL.to_owned())
}

/// Tells the whole story. Fails at the first call that goes otherwise than it says.
pub async fn run(scene: &Scene, teller: &mut Teller) -> Result<(), Failure> {
    let client = Client::new(&scene.url)?;
    let mut stage = Stage { client, teller };
    story::story(&mut stage, scene).await?;
    stage.teller.end();
    Ok(())
}

/// Where the story's calls are made, checked and told.
struct Stage<'t> {
    client: Client,
    teller: &'t mut Teller,
}

impl Stage<'_> {
    /// A call whose answer must pass the check.
    async fn step<T>(
        &mut self,
        words: &str,
        call: Call,
        check: impl FnOnce(&Answer) -> Checked<T>,
    ) -> Result<T, Failure> {
        let (value, _) = self.step_and_answer(words, call, check).await?;
        Ok(value)
    }

    /// As [`Self::step`], with the answer itself for what comes later.
    async fn step_and_answer<T>(
        &mut self,
        words: &str,
        call: Call,
        check: impl FnOnce(&Answer) -> Checked<T>,
    ) -> Result<(T, Answer), Failure> {
        let answer = self.client.send(&call).await?;
        let checked = check(&answer);
        let value = self.tell(words, &call, &answer, checked)?;
        Ok((value, answer))
    }

    /// A call that is repeated until its answer passes the check, for what the shop knows only a little later.
    async fn lagging_step<T>(
        &mut self,
        words: &str,
        call: Call,
        check: impl Fn(&Answer) -> Checked<T>,
    ) -> Result<T, Failure> {
        let begun = Instant::now();
        let mut tries = 0;
        loop {
            let mut answer = self.client.send(&call).await?;
            tries += answer.tries;
            let checked = check(&answer);
            if checked.is_ok() || begun.elapsed() > LAG {
                answer.took = begun.elapsed();
                answer.tries = tries;
                return self.tell(words, &call, &answer, checked);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn tell<T>(
        &mut self,
        words: &str,
        call: &Call,
        answer: &Answer,
        checked: Checked<T>,
    ) -> Result<T, Failure> {
        match checked {
            Ok(value) => {
                self.teller.went(call, answer, words);
                Ok(value)
            }
            Err(differs) => {
                self.teller.differs(call, answer, words, &differs);
                Err(Failure::Differs {
                    call: call.to_string(),
                    differs: differs.0,
                })
            }
        }
    }
}

/// Bytes in hexadecimal digits that no earlier run had and nobody can guess.
pub(crate) fn random_name<const N: usize>() -> Result<String, Failure> {
    let bytes = edge::random_bytes::<N>().map_err(|_| Failure::NoRandomBytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

//! The fuzzer: makes up inputs of a target until the time is over or the target panics, crashes or hangs.
//!
//! It is LibAFL (docs/decisions/0035-libafl.md), put together as its own examples put it together. An input that makes
//! the target do something new is kept and changed further; what was compared with it is put into it. `.ci/fuzz` builds
//! it so that it sees what a target does.

use std::{
    error::Error,
    fs, io,
    path::{Path, PathBuf},
    process::exit,
    time::{Duration, Instant},
};

use clap::Parser;
use fuzz::{TARGETS, Target};
use libafl::{
    HasMetadata, HasNamedMetadata,
    corpus::{Corpus, InMemoryOnDiskCorpus, OnDiskCorpus},
    events::SimpleEventManager,
    executors::{ExitKind, InProcessExecutor, ShadowExecutor},
    feedback_or, feedback_or_fast,
    feedbacks::{
        CrashFeedback, MapFeedbackMetadata, MaxMapFeedback, TimeFeedback, TimeoutFeedback,
    },
    fuzzer::{Evaluator, Fuzzer, StdFuzzer},
    inputs::{BytesInput, HasTargetBytes},
    monitors::NopMonitor,
    mutators::{
        HavocScheduledMutator, Tokens, havoc_mutations, token_mutations::I2SRandReplace,
        tokens_mutations,
    },
    observers::{CanTrack, HitcountsIterableMapObserver, TimeObserver},
    schedulers::{
        IndexesLenTimeMinimizerScheduler, StdWeightedScheduler, powersched::PowerSchedule,
    },
    stages::{
        ShadowTracingStage, StdMutationalStage, calibrate::CalibrationStage,
        power::StdPowerMutationalStage,
    },
    state::{HasCorpus, HasExecutions, HasMaxSize, StdState},
};
use libafl_bolts::{
    HasLen,
    rands::StdRand,
    tuples::{Merge, tuple_list},
};
use libafl_targets::{CmpLogObserver, sancov_8bit::CountersMultiMapObserver};

/// The longest input, in bytes. Longer ones are slower and seldom do anything else.
const LONGEST: usize = 8 * 1024;

/// A target that takes longer hangs.
const HANGS: Duration = Duration::from_secs(10);

/// How often it says how far it is.
const EVERY: Duration = Duration::from_secs(60);

#[derive(Parser)]
struct Arguments {
    /// What is tried
    target: String,
    /// For how many seconds
    #[arg(long)]
    seconds: u64,
    /// Where it keeps inputs that did something new, those that crash, and how far it is
    #[arg(long)]
    out: PathBuf,
    /// Folders of inputs to begin with
    seeds: Vec<PathBuf>,
}

fn main() {
    let arguments = Arguments::parse();
    let Some(target) = TARGETS
        .iter()
        .find(|target| target.name == arguments.target)
    else {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!("the targets are {}", names.join(", "));
        exit(2);
    };
    if let Err(error) = fuzz(target, &arguments) {
        eprintln!("{error}");
        exit(2);
    }
}

fn fuzz(target: &Target, arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let corpus = arguments.out.join("corpus");
    let crashes = arguments.out.join("crashes");
    let progress = arguments.out.join("progress");
    // What crashed before comes first. If it crashes still, it is kept again.
    let mut inputs = read(&crashes)?;
    inputs.extend(read(&corpus)?);
    for folder in &arguments.seeds {
        inputs.extend(read(folder)?);
    }
    if crashes.exists() {
        fs::remove_dir_all(&crashes)?;
    }

    let edges = HitcountsIterableMapObserver::new(CountersMultiMapObserver::new("edges"));
    let all = edges.len();
    if all == 0 {
        return Err("the targets are built so that nothing is seen of them: use .ci/fuzz".into());
    }
    let edges = edges.track_indices();
    let time = TimeObserver::new("time");
    let new_edges = MaxMapFeedback::new(&edges);
    let calibration = CalibrationStage::new(&new_edges);
    let mut feedback = feedback_or!(new_edges, TimeFeedback::new(&time));
    let mut objective = feedback_or_fast!(CrashFeedback::new(), TimeoutFeedback::new());
    let mut state = StdState::new(
        StdRand::new(),
        InMemoryOnDiskCorpus::no_meta(corpus)?,
        OnDiskCorpus::no_meta(crashes)?,
        &mut feedback,
        &mut objective,
    )?;
    state.set_max_size(LONGEST);
    let words = target.words.iter().map(|word| word.as_bytes().to_vec());
    state.add_metadata(Tokens::from(words));
    let scheduler = IndexesLenTimeMinimizerScheduler::new(
        &edges,
        StdWeightedScheduler::with_schedule(&mut state, &edges, Some(PowerSchedule::fast())),
    );
    let mut fuzzer = StdFuzzer::new(scheduler, feedback, objective);
    let mut manager = SimpleEventManager::new(NopMonitor::new());
    let mut harness = |input: &BytesInput| {
        (target.run)(&input.target_bytes());
        ExitKind::Ok
    };
    let executor = InProcessExecutor::builder()
        .harness(&mut harness)
        .observers(tuple_list!(edges, time))
        .fuzzer(&mut fuzzer)
        .state(&mut state)
        .event_mgr(&mut manager)
        .timeout(HANGS)
        .crashdump(false)
        .build()?;
    let compared = CmpLogObserver::new("compared", true);
    let mut executor = ShadowExecutor::new(executor, tuple_list!(compared));
    let solving = HavocScheduledMutator::new(tuple_list!(I2SRandReplace::new()));
    let changing = HavocScheduledMutator::new(havoc_mutations().merge(tokens_mutations()));
    let mut stages = tuple_list!(
        calibration,
        ShadowTracingStage::new(),
        StdMutationalStage::new(solving),
        StdPowerMutationalStage::<_, _, BytesInput, _, _, _>::new(changing),
    );

    let begun = Instant::now();
    // Keys and tables that are made once are no news of any input.
    (target.run)(b"");
    for input in inputs {
        let input = BytesInput::new(input);
        fuzzer.evaluate_input(&mut state, &mut executor, &mut manager, &input)?;
    }
    let end = Duration::from_secs(arguments.seconds);
    let (mut written, mut said) = (begun, begun);
    loop {
        let over = begun.elapsed() >= end;
        if over || written.elapsed() >= Duration::from_secs(1) {
            written = Instant::now();
            let reached = state
                .named_metadata_map()
                .get::<MapFeedbackMetadata<u8>>("edges")
                .map_or(0, |edges| edges.num_covered_map_indexes);
            let seconds = begun.elapsed().as_secs();
            let (runs, kept) = (*state.executions(), state.corpus().count());
            fs::write(
                &progress,
                format!("{seconds} {runs} {kept} {reached} {all}\n"),
            )?;
            if over || said.elapsed() >= EVERY {
                said = written;
                let name = target.name;
                println!(
                    "{name}: {seconds} s, {runs} runs, {kept} inputs, {reached} of {all} edges"
                );
            }
        }
        if over {
            return Ok(());
        }
        fuzzer.fuzz_one(&mut stages, &mut executor, &mut state, &mut manager)?;
    }
}

/// The inputs in a folder, if there is one. LibAFL's own notes there have names that begin with a point.
fn read(folder: &Path) -> io::Result<Vec<Vec<u8>>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut inputs = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            inputs.push(fs::read(entry.path())?);
        }
    }
    Ok(inputs)
}

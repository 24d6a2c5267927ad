//! Measures each phase of a run: `cargo bench`. If `SFCRED_TREE` names a tree of
//! `benches/make_tree.py`, that is measured too.

use std::path::{Path, PathBuf};

use divan::Bencher;
use sfcred::internals::options::Options;
use sfcred::internals::pipeline::lint;
use sfcred::internals::report::{self, Context, Format, Style};
use sfcred::internals::{check, discover, link, parse};
use time::macros::date;

fn main() {
    divan::main();
}

fn trees() -> Vec<PathBuf> {
    let small = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/setups/connected-app");
    std::iter::once(small).chain(std::env::var_os("SFCRED_TREE").map(PathBuf::from)).collect()
}

/// The trees by index, because their paths do not fit in a table.
fn indices() -> impl Iterator<Item = usize> {
    0..trees().len()
}

fn tree(index: usize) -> (Vec<PathBuf>, Options) {
    let tree = trees().swap_remove(index).canonicalize().expect("an existing tree");
    (vec![PathBuf::from(".")], Options::new(date!(2026 - 11 - 22), tree))
}

#[divan::bench(args = indices())]
fn walk_phase(bencher: Bencher, index: usize) {
    let (paths, settings) = tree(index);
    bencher.bench(|| discover::discover(&paths, &settings));
}

#[divan::bench(args = indices())]
fn parse_phase(bencher: Bencher, index: usize) {
    let (paths, settings) = tree(index);
    let file_set = discover::discover(&paths, &settings).expect("a run");
    bencher.bench(|| parse::parse(&file_set.sources));
}

#[divan::bench(args = indices())]
fn link_phase(bencher: Bencher, index: usize) {
    let (paths, settings) = tree(index);
    let file_set = discover::discover(&paths, &settings).expect("a run");
    bencher
        .with_inputs(|| parse::parse(&file_set.sources))
        .bench_values(|parsed| link::link(parsed, &file_set, &settings));
}

#[divan::bench(args = indices())]
fn check_phase(bencher: Bencher, index: usize) {
    let (paths, settings) = tree(index);
    let file_set = discover::discover(&paths, &settings).expect("a run");
    bencher
        .with_inputs(|| link::link(parse::parse(&file_set.sources), &file_set, &settings))
        .bench_values(|workspace| check::check(&workspace, &file_set.sources, &settings));
}

#[divan::bench(args = indices())]
fn report_phase(bencher: Bencher, index: usize) {
    let (paths, settings) = tree(index);
    let report = lint(&paths, &settings).expect("a run");
    let context = Context {
        format: Format::Json,
        style: Style { width: 80, color: false, unicode: true, quiet: false, hyperlinks: false },
    };
    bencher.bench(|| report::write(&report, &context, &mut std::io::sink()));
}

#[divan::bench(args = indices())]
fn whole_run(bencher: Bencher, index: usize) {
    let (paths, settings) = tree(index);
    bencher.bench(|| lint(&paths, &settings));
}

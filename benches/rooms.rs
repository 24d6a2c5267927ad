//! How long each room takes. `cargo bench`; a tree of `benches/make_tree.py` is measured as well where `SFCRED_TREE` names one.

use std::path::{Path, PathBuf};

use divan::Bencher;
use sfcred::pipeline::lint;
use sfcred::report::{self, Context, Format, Style};
use sfcred::settings::Settings;
use sfcred::{check, discover, link, parse};
use time::macros::date;

fn main() {
    divan::main();
}

fn trees() -> Vec<PathBuf> {
    let small = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/setups/connected-app");
    std::iter::once(small).chain(std::env::var_os("SFCRED_TREE").map(PathBuf::from)).collect()
}

/// Index of a tree, because a path has no name that fits a table.
fn sizes() -> impl Iterator<Item = usize> {
    0..trees().len()
}

fn tree(index: usize) -> (Vec<PathBuf>, Settings) {
    let tree = trees().swap_remove(index).canonicalize().expect("a tree that is there");
    (vec![PathBuf::from(".")], Settings::new(date!(2026 - 11 - 22), tree))
}

#[divan::bench(args = sizes())]
fn walks(bencher: Bencher, index: usize) {
    let (paths, settings) = tree(index);
    bencher.bench(|| discover::discover(&paths, &settings));
}

#[divan::bench(args = sizes())]
fn parses(bencher: Bencher, index: usize) {
    let (paths, settings) = tree(index);
    let file_set = discover::discover(&paths, &settings).expect("a run");
    bencher.bench(|| parse::parse(&file_set.sources));
}

#[divan::bench(args = sizes())]
fn links(bencher: Bencher, index: usize) {
    let (paths, settings) = tree(index);
    let file_set = discover::discover(&paths, &settings).expect("a run");
    bencher
        .with_inputs(|| parse::parse(&file_set.sources))
        .bench_values(|parsed| link::link(parsed, &file_set, &settings));
}

#[divan::bench(args = sizes())]
fn checks(bencher: Bencher, index: usize) {
    let (paths, settings) = tree(index);
    let file_set = discover::discover(&paths, &settings).expect("a run");
    bencher
        .with_inputs(|| link::link(parse::parse(&file_set.sources), &file_set, &settings))
        .bench_values(|mut workspace| check::check(&mut workspace, &file_set.sources, &settings));
}

#[divan::bench(args = sizes())]
fn reports(bencher: Bencher, index: usize) {
    let (paths, settings) = tree(index);
    let report = lint(&paths, &settings).expect("a run");
    let context = Context {
        format: Format::Json,
        style: Style { width: 80, color: false, unicode: true, quiet: false, hyperlinks: false },
    };
    bencher.bench(|| report::write(&report, &context, &mut std::io::sink()));
}

#[divan::bench(args = sizes())]
fn lints(bencher: Bencher, index: usize) {
    let (paths, settings) = tree(index);
    bencher.bench(|| lint(&paths, &settings));
}

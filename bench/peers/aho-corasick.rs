//! One peer of bench:engine: occurrences of literals with the Rust crate aho-corasick, one call per chunk.
//!
//!   aho-corasick CORPUS PATTERNS CHUNK RUNS MODE     literals one per line, in hexadecimal digits; built by
//!                                                    bench/engine/rust.ts
//!
//! MODE: `auto`        what the crate chooses for matches that do not overlap (Teddy, or an automaton), leftmost-first
//!       `dfa`         the same with a full DFA
//!       `overlapping` all occurrences, full DFA
//!       and `-fold` behind it: ASCII letters in either case
//!
//! Prints {"seconds":…,"matches":…,"compile_ms":…}. Time is taken for every 256 KiB by itself, and the best of RUNS counts, so
//! that other work on the machine does not.
use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind};
use std::hint::black_box;
use std::time::Instant;

const SLICE: usize = 256 << 10;

fn count(automaton: &AhoCorasick, overlapping: bool, text: &[u8]) -> usize {
    if overlapping {
        automaton.find_overlapping_iter(text).map(black_box).count()
    } else {
        automaton.find_iter(text).map(black_box).count()
    }
}

fn unhex(line: &[u8]) -> Vec<u8> {
    let digits = std::str::from_utf8(line).expect("digits");
    (0..line.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16).expect("digits")).collect()
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args.len() != 6 {
        eprintln!("usage: {} CORPUS PATTERNS CHUNK RUNS MODE", args[0]);
        std::process::exit(2);
    }
    let text = std::fs::read(&args[1]).expect("corpus");
    let list = std::fs::read(&args[2]).expect("patterns");
    let literals: Vec<Vec<u8>> = list.split(|&b| b == b'\n').filter(|line| !line.is_empty()).map(unhex).collect();
    let chunk = args[3].parse().expect("a number of bytes");
    let chunk = if chunk == 0 || chunk > SLICE { SLICE } else { chunk };
    let runs: usize = args[4].parse().expect("a number of runs");
    let fold = args[5].ends_with("-fold");
    let mode = args[5].trim_end_matches("-fold");
    let overlapping = mode == "overlapping";

    let begin = Instant::now();
    let automaton = AhoCorasickBuilder::new()
        .match_kind(if overlapping { MatchKind::Standard } else { MatchKind::LeftmostFirst })
        .kind(if mode == "auto" { None } else { Some(AhoCorasickKind::DFA) })
        .ascii_case_insensitive(fold)
        .build(literals)
        .expect("an automaton");
    let compile_ms = begin.elapsed().as_secs_f64() * 1e3;

    let (mut seconds, mut matches) = (0.0, 0);
    for slice in text.chunks(SLICE) {
        let (mut best, mut found) = (f64::INFINITY, 0);
        for _ in 0..runs {
            let begin = Instant::now();
            found = slice.chunks(chunk).map(|piece| count(&automaton, overlapping, piece)).sum();
            best = f64::min(best, begin.elapsed().as_secs_f64());
        }
        seconds += best;
        matches += found;
    }
    println!("{{\"seconds\":{seconds:.6},\"matches\":{matches},\"compile_ms\":{compile_ms:.2}}}");
}

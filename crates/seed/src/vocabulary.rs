//! Words that look like those of technical texts: some hundred real ones, which are the common
//! ones, and a hundred thousand made of parts, so that many start alike.

use crate::random::Random;

const COMMON: &str = "the to and a of data tool agent for in is api with file code you use text this \
    model from web search skill json python run on it server cli as command image that be will git \
    list test convert pdf or http request output input build query database analyze report read write \
    fetch generate parse format lint check deploy cloud docker kubernetes github issue pull review \
    commit summarize translate markdown html css javascript typescript rust go java script shell bash \
    sql postgres sqlite redis cache email calendar slack message chat video audio transcribe speech \
    extract table csv excel chart graph plot weather news stock price finance invoice translate map \
    location travel booking recipe health fitness learn teach quiz math science research paper citation \
    academic security scan vulnerability secret password encrypt decrypt hash token auth oauth login \
    user profile team project task todo note document template style guide example usage install \
    configuration environment variable option parameter result error warning debug log monitor metric \
    alert schedule workflow automation pipeline integration connector plugin extension library \
    framework component design pattern refactor migrate upgrade benchmark performance memory network \
    proxy browser scrape crawl screenshot click form page site domain dns certificate";

const STARTS: [&str; 40] = [
    "re", "un", "inter", "trans", "con", "com", "pre", "pro", "sub", "super", "over", "under",
    "out", "dis", "mis", "non", "anti", "auto", "bi", "co", "counter", "de", "en", "ex", "extra",
    "fore", "hyper", "in", "im", "mega", "micro", "mid", "mini", "mono", "multi", "para", "poly",
    "post", "semi", "tele",
];

const MIDDLES: [&str; 60] = [
    "act", "aud", "bas", "cap", "ced", "cept", "cord", "cred", "cur", "dict", "duct", "fac", "fer",
    "fid", "flex", "flu", "form", "fract", "gen", "grad", "graph", "ject", "jud", "junct", "lect",
    "loc", "log", "luc", "man", "medi", "memor", "mit", "mob", "mort", "nom", "not", "pel", "pend",
    "phon", "pon", "port", "press", "quer", "rupt", "scop", "scrib", "sect", "sens", "serv",
    "sign", "sist", "solv", "spect", "struct", "tact", "tain", "tend", "tract", "vers", "voc",
];

const ENDS: [&str; 42] = [
    "", "s", "ed", "er", "ers", "ing", "ings", "ion", "ions", "ive", "ively", "ity", "able",
    "ably", "al", "ally", "ance", "ant", "ary", "ate", "ated", "ation", "ations", "ator", "ent",
    "ful", "ible", "ic", "ical", "ify", "ish", "ism", "ist", "ize", "ized", "izer", "less", "ment",
    "ness", "or", "ous", "ure",
];

/// All words, the most common one first.
pub(crate) fn words() -> Vec<String> {
    let mut words: Vec<String> = COMMON.split_whitespace().map(str::to_owned).collect();
    let mut made = Vec::with_capacity(STARTS.len() * MIDDLES.len() * ENDS.len());
    for start in STARTS {
        for middle in MIDDLES {
            made.extend(ENDS.map(|end| format!("{start}{middle}{end}")));
        }
    }
    let mut random = Random::new(0);
    for at in (1..made.len()).rev() {
        made.swap(at, random.below(at + 1));
    }
    words.extend(made);
    words
}

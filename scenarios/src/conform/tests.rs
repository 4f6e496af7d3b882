//! Comparisons with recordings, and with recordings that were doctored.

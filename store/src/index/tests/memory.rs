//! Memory stays within its limits, and finds everything all the same.

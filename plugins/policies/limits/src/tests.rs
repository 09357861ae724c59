mod model;
mod random;
mod tables;

//! How guests are compiled and run: the same for every policy of a process.

use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Strategy,
};

use crate::limits;

/// Where instances come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Room {
    /// From a room that is reserved once, so that an instance costs microseconds.
    Reserved,
    /// From nowhere: nothing is instantiated.
    None,
}

/// Makes an engine. What decides over compiled code depends on `metered` alone, so that a process
/// that only compiles makes what another one runs.
pub(crate) fn new(metered: bool, room: Room) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::Speed)
        .epoch_interruption(true)
        .consume_fuel(metered)
        .max_wasm_stack(limits::STACK_BYTES)
        .generate_address_map(false)
        .memory_init_cow(true);
    deterministic(&mut config);
    if room == Room::Reserved {
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
    }
    Engine::new(&config)
}

/// What a verdict depends on must be what was passed: no threads, and the same bits everywhere.
fn deterministic(config: &mut Config) {
    config
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false)
        .concurrency_support(false);
}

fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(limits::INSTANCES_MAX)
        .total_core_instances(limits::INSTANCES_MAX * 4)
        .total_memories(limits::INSTANCES_MAX)
        .total_tables(limits::INSTANCES_MAX * 4)
        .table_elements(limits::TABLE_ELEMENTS_MAX)
        .max_memory_size(limits::MEMORY_BYTES_MAX as usize)
        .max_memories_per_component(limits::MEMORIES_MAX)
        .max_tables_per_component(limits::TABLES_MAX)
        .max_core_instances_per_component(limits::CORE_INSTANCES_MAX)
        .max_unused_warm_slots(16)
        .linear_memory_keep_resident(0)
        .table_keep_resident(0);
    pool
}

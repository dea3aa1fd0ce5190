//! Lets the program's first half make the lab that a first visit begins with, and keeps the memory that it left: see
//! `web/src/prepared.rs`.

use std::fs;
use std::path::Path;

use walrus::{
    ConstExpr, DataKind, FunctionId, FunctionKind, InstrSeqBuilder, LocalId, Module, ModuleConfig,
    ValType, ir,
};
use wasmi::{Engine, ExternType, Linker, Store};

use crate::report::{Context as _, Failure, Result};

/// What makes the lab.
const PREPARE: &str = "drydock_prepare";
/// The allocator's functions: of size and alignment; of place, size and alignment; of place, size, alignment and new size. Compilers
/// leave the first name of a function, or only the one that it stands for.
const ALLOCATE: [&str; 2] = ["__rust_alloc", "__rdl_alloc"];
const FREE: [&str; 2] = ["__rust_dealloc", "__rdl_dealloc"];
const REALLOCATE: [&str; 2] = ["__rust_realloc", "__rdl_realloc"];
/// Where data begins in memory; before it lies the stack.
const DATA: usize = 1 << 20;
/// Zeros that are worth beginning another piece of data: it costs so many bytes itself.
const GAP: usize = 16;
/// A page of memory, in bytes.
const PAGE: usize = 1 << 16;

/// Replaces a program, in its file, by one that has come as far as that.
pub(super) fn prepare(program: &Path) -> Result<()> {
    let read = || format!("read {}", program.display());
    let wasm = fs::read(program).context(read)?;
    let memory = run(&wiping(&wasm)?)
        .map_err(|error| Failure::new(format!("make the first lab: {error}")))?;
    let mut config = ModuleConfig::new();
    config.generate_producers_section(false);
    let mut module = config
        .parse(&wasm)
        .map_err(|error| Failure::new(format!("{}: {error}", read())))?;
    module
        .exports
        .remove(PREPARE)
        .map_err(|error| Failure::new(format!("{}: {error}", read())))?;
    keep(&mut module, &memory)?;
    fs::write(program, module.emit_wasm()).context(|| format!("write {}", program.display()))
}

/// The same program with memory wiped when it is freed: what stood there is of use to nobody, and would be downloaded. What
/// grows always moves, so that the place that it had is freed that way, too.
fn wiping(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = ModuleConfig::new()
        .parse(wasm)
        .map_err(|error| Failure::new(format!("read the program: {error}")))?;
    let memory = module.memories.iter().next().map(walrus::Memory::id);
    let memory = memory.ok_or_else(|| Failure::new("the program has no memory"))?;
    let (allocate, free) = (named(&module, ALLOCATE)?, named(&module, FREE)?);
    let reallocate = named(&module, REALLOCATE)?;
    let moved = module.locals.add(ValType::I32);

    let ([at, size, _], mut body) = code(&mut module, free)?;
    body.local_get_at(0, at)
        .const_at(1, ir::Value::I32(0))
        .local_get_at(2, size)
        .memory_fill_at(3, memory);

    let ([at, old, align, new], mut body) = code(&mut module, reallocate)?;
    body.instrs_mut().clear();
    body.local_get(new)
        .local_get(align)
        .call(allocate)
        .local_tee(moved)
        .local_get(at)
        .local_get(old)
        .local_get(new)
        .local_get(old)
        .local_get(new)
        .binop(ir::BinaryOp::I32LtU)
        .select(None)
        .memory_copy(memory, memory)
        .local_get(at)
        .local_get(old)
        .local_get(align)
        .call(free)
        .local_get(moved);
    Ok(module.emit_wasm())
}

/// The one function whose name ends so.
fn named(module: &Module, names: [&str; 2]) -> Result<FunctionId> {
    let find = |name: &&str| {
        module.funcs.iter().find(|function| {
            let own = function.name.as_deref();
            own.is_some_and(|own| own.ends_with(*name))
        })
    };
    let found = names.iter().find_map(find);
    found
        .map(walrus::Function::id)
        .ok_or_else(|| Failure::new(format!("the program has no {}", names.join(" or "))))
}

/// A function's arguments and its instructions.
fn code<const N: usize>(
    module: &mut Module,
    function: FunctionId,
) -> Result<([LocalId; N], InstrSeqBuilder<'_>)> {
    let FunctionKind::Local(local) = &mut module.funcs.get_mut(function).kind else {
        return Err(Failure::new("the allocator is not the program's own"));
    };
    let arguments = <[LocalId; N]>::try_from(local.args.as_slice())
        .map_err(|_other| Failure::new("the allocator takes other arguments"))?;
    Ok((arguments, local.builder_mut().func_body()))
}

/// Runs [`PREPARE`]; returns what memory holds then.
fn run(wasm: &[u8]) -> std::result::Result<Vec<u8>, wasmi::Error> {
    let engine = Engine::default();
    let module = wasmi::Module::new(&engine, wasm)?;
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    for import in module.imports() {
        let ExternType::Func(ty) = import.ty() else {
            continue;
        };
        let name = import.name().to_owned();
        linker.func_new(
            import.module(),
            import.name(),
            ty.clone(),
            move |_, _, _| Err(wasmi::Error::new(format!("it asked for {name}"))),
        )?;
    }
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    let prepare = instance.get_typed_func::<(), ()>(&store, PREPARE)?;
    prepare.call(&mut store, ())?;
    let memory = instance.get_memory(&store, "memory");
    let memory = memory.ok_or_else(|| wasmi::Error::new("it has no memory"))?;
    Ok(memory.data(&store).to_vec())
}

/// Puts what memory held in the place of the module's data.
fn keep(module: &mut Module, memory: &[u8]) -> Result<()> {
    let own = module.memories.iter_mut().next();
    let own = own.ok_or_else(|| Failure::new("the program has no memory"))?;
    own.initial = (memory.len() / PAGE) as u64;
    own.maximum = None;
    let id = own.id();
    for old in module.data.iter().map(walrus::Data::id).collect::<Vec<_>>() {
        module.data.delete(old);
    }
    for (at, bytes) in pieces(memory) {
        let offset = i32::try_from(at).context(|| "place the first lab in memory")?;
        let kind = DataKind::Active {
            memory: id,
            offset: ConstExpr::Value(ir::Value::I32(offset)),
        };
        let data = module.data.add(kind, bytes.to_vec());
        if let Some(own) = module.memories.iter_mut().next() {
            own.data_segments.insert(data);
        }
    }
    Ok(())
}

/// The parts of memory that hold something, with their addresses.
fn pieces(memory: &[u8]) -> Vec<(usize, &[u8])> {
    let mut pieces = Vec::new();
    let (mut start, mut end) = (DATA, DATA);
    for (at, _) in memory
        .iter()
        .enumerate()
        .skip(DATA)
        .filter(|(_, b)| **b != 0)
    {
        if at > end + GAP {
            pieces.extend(memory.get(start..end).map(|piece| (start, piece)));
            start = at;
        }
        end = at + 1;
    }
    pieces.extend(memory.get(start..end).map(|piece| (start, piece)));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_memory_holds_is_found_without_the_stack() {
        let mut memory = vec![0; DATA + 100];
        memory[5] = 1;
        memory[DATA + 3] = 2;
        memory[DATA + 10] = 3;
        memory[DATA + 90] = 4;
        let found = pieces(&memory);
        let places: Vec<_> = found
            .iter()
            .map(|(at, bytes)| (at - DATA, bytes.len()))
            .collect();
        assert_eq!(places, [(0, 11), (90, 1)]);
    }
}

//! Makes the linked program, its JavaScript and the style smaller in ways that the compiler and wasm-bindgen leave open.
//!
//! What counts is the size after compression: measured together, 20 kB.

use std::collections::HashMap;

use walrus::ir::{BinaryOp, Binop, Const, Instr, InstrSeq, Value, VisitorMut, dfs_pre_order_mut};
use walrus::{LocalFunction, LocalId, Module, ModuleLocals};

use crate::report::{Failure, Result};

/// Gives short names to what the program and its JavaScript know each other by; returns the JavaScript with them.
/// wasm-bindgen's own end in long hashes, which no compression helps.
pub(super) fn names(module: &mut Module, mut script: String) -> Result<String> {
    for (index, import) in module.imports.iter_mut().enumerate() {
        let (old, new) = (format!("{}: function(", import.name), format!("i{index}"));
        if script.matches(&old).count() != 1 {
            return Err(Failure::new(format!(
                "the page's JavaScript does not hold {} once",
                import.name
            )));
        }
        script = script.replace(&old, &format!("{new}: function("));
        import.name = new;
    }
    for (index, export) in module.exports.iter_mut().enumerate() {
        if export.name.starts_with("wasm_bindgen__") {
            let new = format!("x{index}");
            script = script.replace(&export.name, &new);
            export.name = new;
        }
    }
    Ok(script)
}

/// Takes away indentation and empty lines; what holds no text of several lines means the same without.
pub(super) fn lines(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Rewrites each function: constant offsets go into the loads that follow them, and the locals used most come first.
pub(super) fn code(module: &mut Module) {
    for (_, function) in module.funcs.iter_local_mut() {
        let mut uses = Uses::default();
        each_sequence(&mut uses, function);
        let mut order = Order::new(function, &mut module.locals, uses);
        each_sequence(&mut order, function);
    }
}

fn each_sequence(visitor: &mut impl VisitorMut, function: &mut LocalFunction) {
    let start = function.entry_block();
    dfs_pre_order_mut(visitor, function, start);
}

/// Counts a function's locals in the order in which they are met, and folds offsets on the way.
#[derive(Default)]
struct Uses {
    counts: Vec<(LocalId, usize)>,
    places: HashMap<LocalId, usize>,
}

impl VisitorMut for Uses {
    fn start_instr_seq_mut(&mut self, sequence: &mut InstrSeq) {
        fold(sequence);
    }

    fn visit_local_id_mut(&mut self, local: &mut LocalId) {
        let place = *self.places.entry(*local).or_insert(self.counts.len());
        match self.counts.get_mut(place) {
            Some((_, count)) => *count += 1,
            None => self.counts.push((*local, 1)),
        }
    }
}

/// No address that is loaded from lies that close to zero: there is the far end of the stack, which is never reached. So an
/// address and an offset below this do not wrap around together.
const SAFE_OFFSET: u64 = 1 << 16;

/// Turns "add a constant, then load" into a load with an offset, which the compiler does only if it knows that the sum
/// cannot wrap around.
fn fold(sequence: &mut InstrSeq) {
    let mut folded: Vec<(Instr, _)> = Vec::with_capacity(sequence.instrs.len());
    for (mut instr, place) in sequence.instrs.drain(..) {
        if let (
            Instr::Load(load),
            [
                ..,
                (
                    Instr::Const(Const {
                        value: Value::I32(offset),
                    }),
                    _,
                ),
                (
                    Instr::Binop(Binop {
                        op: BinaryOp::I32Add,
                    }),
                    _,
                ),
            ],
        ) = (&mut instr, folded.as_slice())
            && let Ok(offset) = u64::try_from(*offset)
            && load.arg.offset + offset < SAFE_OFFSET
        {
            load.arg.offset += offset;
            folded.truncate(folded.len() - 2);
        }
        folded.push((instr, place));
    }
    sequence.instrs = folded;
}

/// Puts new locals, made in the order that they are to have, in the place of a function's own.
struct Order {
    new: HashMap<LocalId, LocalId>,
}

impl Order {
    fn new(function: &LocalFunction, locals: &mut ModuleLocals, uses: Uses) -> Self {
        let mut counts = uses.counts;
        counts.retain(|(local, _)| !function.args.contains(local));
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let renewed = counts.into_iter().map(|(local, _)| {
            let ty = locals.get(local).ty();
            (local, locals.add(ty))
        });
        Self {
            new: renewed.collect(),
        }
    }
}

impl VisitorMut for Order {
    fn visit_local_id_mut(&mut self, local: &mut LocalId) {
        if let Some(new) = self.new.get(local) {
            *local = *new;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use walrus::ir::{LoadKind, MemArg, StoreKind};
    use walrus::{FunctionBuilder, ValType};

    /// A function that adds `offset` to its argument, and loads from there plus 4.
    fn loading(offset: i32) -> Module {
        let mut module = Module::default();
        let memory = module.memories.add_local(false, false, 1, None, None);
        let argument = module.locals.add(ValType::I32);
        let mut builder = FunctionBuilder::new(&mut module.types, &[ValType::I32], &[]);
        let arg = MemArg {
            align: 4,
            offset: 4,
        };
        let kind = LoadKind::I32 { atomic: false };
        let mut body = builder.func_body();
        body.local_get(argument);
        body.local_get(argument)
            .i32_const(offset)
            .binop(BinaryOp::I32Add);
        body.load(memory, kind, arg);
        body.store(memory, StoreKind::I32 { atomic: false }, arg);
        let function = builder.finish(vec![argument], &mut module.funcs);
        module.exports.add("wasm_bindgen__long_name", function);
        module
    }

    fn offset_and_length(mut module: Module) -> (u64, usize) {
        code(&mut module);
        let (_, function) = module.funcs.iter_local().next().unwrap();
        let body = &function.block(function.entry_block()).instrs;
        let offset = body.iter().find_map(|(instr, _)| match instr {
            Instr::Load(load) => Some(load.arg.offset),
            _ => None,
        });
        (offset.unwrap(), body.len())
    }

    #[test]
    fn only_offsets_that_cannot_wrap_are_folded() {
        assert_eq!(offset_and_length(loading(8)), (12, 4));
        assert_eq!(offset_and_length(loading(-8)), (4, 6));
        assert_eq!(offset_and_length(loading(1 << 20)), (4, 6));
    }

    #[test]
    fn program_and_script_get_the_same_names() {
        let mut module = loading(0);
        let ty = module.types.add(&[], &[]);
        module.add_import_func("./page.js", "__wbg_draw_0123", ty);
        let script = "__wbg_draw_0123: function() { wasm.wasm_bindgen__long_name(); }";
        let script = names(&mut module, script.to_owned()).unwrap();
        assert_eq!(script, "i0: function() { wasm.x0(); }");
        assert_eq!(module.imports.iter().next().unwrap().name, "i0");
        assert_eq!(module.exports.iter().next().unwrap().name, "x0");
        assert!(names(&mut module, String::new()).is_err());
    }
}

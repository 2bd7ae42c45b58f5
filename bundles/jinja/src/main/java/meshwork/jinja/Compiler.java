package meshwork.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import meshwork.jinja.Scope.Load;
import meshwork.jinja.Scope.Variable;
import meshwork.jinja.Syntax.Expression;
import meshwork.jinja.Syntax.Given;
import meshwork.jinja.Syntax.Statement;
import meshwork.jinja.Syntax.Target;

/** Turns the tree of a template into closures over resolved variables. */
final class Compiler {

	/** A compiled expression. */
	interface Value {
		Object of(Frame frame);
	}

	/** A compiled statement. */
	interface Action {
		Outcome run(Frame frame, StringBuilder out);
	}

	/** How a statement ended, for the loop around it. */
	enum Outcome {
		NEXT, BREAK, CONTINUE
	}

	private interface Store {
		void put(Frame frame, Object value);
	}

	private interface Collected {
		Arguments of(Frame frame);
	}

	/** A whole template. */
	record Program(Action body, int slots) {
	}

	private Scope scope;
	/** Whether an unknown filter or test is an error only when it is reached, as it is in conditions. */
	private boolean lenient;
	private int loops;

	private Compiler(Scope scope) {
		this.scope = scope;
	}

	static Program compile(List<Statement> template) {
		Scope root = new Scope(null, new Scope.Function(0));
		root.read(template);
		Compiler compiler = new Compiler(root);
		Action body = compiler.block(template);
		Action enter = compiler.enter(root);
		return new Program((frame, out) -> {
			enter.run(frame, out);
			return body.run(frame, out);
		}, root.function.size());
	}

	private static TemplateError error(int line, String message) {
		return new TemplateError(TemplateError.Kind.SYNTAX, line, message);
	}

	// -- scopes

	private interface Inner<T> {
		T compile();
	}

	/** Compiles in another scope, and comes back. */
	private <T> T in(Scope inner, boolean soft, Inner<T> compiling) {
		Scope outer = scope;
		boolean wasLenient = lenient;
		scope = inner;
		lenient = soft;
		T compiled = compiling.compile();
		scope = outer;
		lenient = wasLenient;
		return compiled;
	}

	/** Gives the variables of a scope their first values. Made after the scope's inside, which may add to them. */
	private Action enter(Scope entered) {
		List<Action> actions = new ArrayList<>();
		entered.loads().forEach((variable, load) -> {
			int slot = variable.slot();
			if (load.parameter()) {
				return;
			}
			if (load.outer() != null) {
				Value outer = raw(load.outer(), entered.function);
				actions.add((frame, _) -> {
					frame.slots[slot] = outer.of(frame);
					return Outcome.NEXT;
				});
			} else if (load.context()) {
				String name = variable.name();
				actions.add((frame, _) -> {
					frame.slots[slot] = frame.run.resolve(name);
					return Outcome.NEXT;
				});
			} else {
				actions.add((frame, _) -> {
					frame.slots[slot] = Undefined.MISSING;
					return Outcome.NEXT;
				});
			}
		});
		return sequence(actions);
	}

	/** Makes the variables of a scope unset again. */
	private static Action leave(Scope left) {
		int[] slots = left.loads().keySet().stream().mapToInt(Variable::slot).toArray();
		return (frame, _) -> {
			for (int slot : slots) {
				frame.slots[slot] = Undefined.MISSING;
			}
			return Outcome.NEXT;
		};
	}

	/** What a variable holds, seen from a function. */
	private static Value raw(Variable variable, Scope.Function from) {
		int levels = from.depth - variable.function().depth;
		int slot = variable.slot();
		return switch (levels) {
			case 0 -> frame -> frame.slots[slot];
			case 1 -> frame -> frame.outer.slots[slot];
			default -> frame -> frame.up(levels).slots[slot];
		};
	}

	// -- statements

	private static Action sequence(List<Action> actions) {
		Action[] all = actions.toArray(Action[]::new);
		return switch (all.length) {
			case 0 -> (_, _) -> Outcome.NEXT;
			case 1 -> all[0];
			default -> (frame, out) -> {
				for (Action action : all) {
					Outcome outcome = action.run(frame, out);
					if (outcome != Outcome.NEXT) {
						return outcome;
					}
				}
				return Outcome.NEXT;
			};
		};
	}

	private Action block(List<? extends Statement> statements) {
		List<Action> actions = new ArrayList<>(statements.size());
		for (Statement statement : statements) {
			Action action = statement(statement);
			int line = statement.line();
			actions.add((frame, out) -> {
				frame.run.step();
				frame.run.line = line;
				return action.run(frame, out);
			});
		}
		return sequence(actions);
	}

	private Action statement(Statement statement) {
		return switch (statement) {
			case Syntax.Output output -> output(output);
			case Syntax.Assignment assignment -> {
				Value value = value(assignment.value());
				Store target = store(assignment.target());
				yield (frame, _) -> {
					target.put(frame, value.of(frame));
					return Outcome.NEXT;
				};
			}
			case Syntax.BlockAssignment assignment -> blockAssignment(assignment);
			case Syntax.If branch -> branch(branch);
			case Syntax.For loop -> loop(loop);
			case Syntax.With with -> with(with);
			case Syntax.MacroDefinition definition -> {
				Callables macro = macro(definition.function(), definition.name(), definition.line());
				Store target = store(new Syntax.Variable(definition.line(), definition.name(), false));
				yield (frame, _) -> {
					target.put(frame, macro.define(frame));
					return Outcome.NEXT;
				};
			}
			case Syntax.CallBlock block -> callBlock(block);
			case Syntax.FilterBlock block -> filterBlock(block);
			case Syntax.Jump jump -> {
				if (loops == 0) {
					throw error(jump.line(), "'" + (jump.breaks() ? "break" : "continue") + "' outside loop");
				}
				Outcome outcome = jump.breaks() ? Outcome.BREAK : Outcome.CONTINUE;
				yield (_, _) -> outcome;
			}
		};
	}

	private Action output(Syntax.Output output) {
		List<Action> actions = new ArrayList<>();
		for (Expression part : output.parts()) {
			if (part instanceof Syntax.Constant constant) {
				String text = Values.str(constant.value());
				actions.add((frame, out) -> {
					frame.run.emit(out, text);
					return Outcome.NEXT;
				});
			} else {
				Value value = value(part);
				int line = part.line();
				actions.add((frame, out) -> {
					frame.run.line = line;
					frame.run.emit(out, Values.str(value.of(frame)));
					return Outcome.NEXT;
				});
			}
		}
		return sequence(actions);
	}

	private Action blockAssignment(Syntax.BlockAssignment assignment) {
		Scope inner = new Scope(scope, scope.function);
		inner.read(assignment.body());
		Text text = in(inner, false, () -> {
			Action body = block(assignment.body());
			Filter filter = assignment.filter() == null ? (_, made) -> made : filter(assignment.filter());
			return new Text(body, filter);
		});
		Action enter = enter(inner);
		Action leave = leave(inner);
		Store target = store(assignment.target());
		return (frame, _) -> {
			enter.run(frame, null);
			StringBuilder made = new StringBuilder();
			Outcome outcome = text.body().run(frame, made);
			if (outcome != Outcome.NEXT) {
				return outcome;
			}
			target.put(frame, text.filter().of(frame, made.toString()));
			return leave.run(frame, null);
		};
	}

	private Action filterBlock(Syntax.FilterBlock block) {
		Scope inner = new Scope(scope, scope.function);
		inner.read(block.children());
		Text text = in(inner, false, () -> new Text(block(block.body()), filter(block.filter())));
		Action enter = enter(inner);
		Action leave = leave(inner);
		return (frame, out) -> {
			enter.run(frame, out);
			StringBuilder made = new StringBuilder();
			Outcome outcome = text.body().run(frame, made);
			if (outcome != Outcome.NEXT) {
				return outcome;
			}
			frame.run.emit(out, Values.str(text.filter().of(frame, made.toString())));
			return leave.run(frame, out);
		};
	}

	/** A body that makes text, and what is made of the text. */
	private record Text(Action body, Filter filter) {
	}

	private interface Filter {
		Object of(Frame frame, Object text);
	}

	/** A chain of filters that starts with the text of a block. */
	private Filter filter(Expression chain) {
		Syntax.Filtered filtered = (Syntax.Filtered) chain;
		Filter before = filtered.value() == null ? (_, text) -> text : filter(filtered.value());
		Filters.Filter apply = filterNamed(filtered);
		Collected given = given(filtered.given());
		return (frame, text) -> {
			Object value = before.of(frame, text);
			frame.run.step();
			return apply.apply(frame.run, value, given.of(frame));
		};
	}

	private Action branch(Syntax.If branch) {
		return in(scope, true, () -> {
			Value test = value(branch.test());
			Action body = block(branch.body());
			Action otherwise = block(branch.otherwise());
			for (Syntax.If elif : branch.elifs().reversed()) {
				Value elifTest = value(elif.test());
				Action elifBody = block(elif.body());
				Action next = otherwise;
				int line = elif.line();
				otherwise = (frame, out) -> {
					frame.run.line = line;
					return Values.truth(elifTest.of(frame)) ? elifBody.run(frame, out) : next.run(frame, out);
				};
			}
			Action last = otherwise;
			return (frame, out) -> Values.truth(test.of(frame)) ? body.run(frame, out) : last.run(frame, out);
		});
	}

	private Action with(Syntax.With with) {
		Scope inner = new Scope(scope, scope.function);
		for (Target target : with.targets()) {
			inner.read(target);
		}
		inner.read(with.body());
		List<Action> actions = new ArrayList<>();
		for (int i = 0; i < with.targets().size(); i++) {
			Target to = with.targets().get(i);
			Value value = value(with.values().get(i));
			Store target = in(inner, false, () -> store(to));
			actions.add((frame, _) -> {
				target.put(frame, value.of(frame));
				return Outcome.NEXT;
			});
		}
		actions.add(in(inner, false, () -> block(with.body())));
		Action enter = enter(inner);
		Action leave = leave(inner);
		Action body = sequence(actions);
		return (frame, out) -> {
			enter.run(frame, out);
			Outcome outcome = body.run(frame, out);
			leave.run(frame, out);
			return outcome;
		};
	}

	// -- loops

	/** The compiled parts of a loop. */
	private record Parts(Store target, Action enter, Action body, Action leave, Variable loop, boolean otherwise,
			Action enterElse, Action elseBody) {

		Outcome run(Frame frame, StringBuilder out, Object items, Loop loop) {
			boolean untouched = true;
			Iterator<Object> source = loop == null ? Values.iterate(items) : null;
			Outcome outcome = Outcome.NEXT;
			while (outcome != Outcome.BREAK) {
				Object item = loop != null ? loop.next() : source.hasNext() ? source.next() : Undefined.MISSING;
				if (item == Undefined.MISSING) {
					break;
				}
				frame.run.step();
				if (loop != null) {
					frame.slots[this.loop.slot()] = loop;
				}
				target.put(frame, item);
				enter.run(frame, out);
				outcome = body.run(frame, out);
				untouched &= outcome != Outcome.NEXT;
			}
			leave.run(frame, out);
			if (otherwise && untouched) {
				enterElse.run(frame, out);
				return elseBody.run(frame, out);
			}
			return Outcome.NEXT;
		}
	}

	private Action loop(Syntax.For loop) {
		if (Scope.sets(loop, "loop")) {
			throw error(loop.line(), "Can't assign to special loop variable in for-loop target");
		}
		Value items = value(loop.items());
		Value filtered = loop.filter() == null ? null : filtered(loop);
		Scope.Function function = loop.recursive() ? new Scope.Function(scope.function.depth + 1) : scope.function;
		boolean extended = loop.recursive() || !Scope.undeclared(loop.body(), "loop").isEmpty();
		Scope bodyScope = new Scope(scope, function);
		Variable loopVariable = extended ? bodyScope.parameter("loop") : null;
		bodyScope.read(asParameter(loop.target()));
		bodyScope.read(loop.body());
		Scope elseScope = new Scope(scope, function);
		elseScope.read(loop.otherwise());
		int outerLoops = loops;
		loops = outerLoops + 1;
		Store target = in(bodyScope, false, () -> store(loop.target()));
		Action body = in(bodyScope, false, () -> block(loop.body()));
		loops = loop.recursive() ? 0 : outerLoops;
		Action elseBody = in(elseScope, false, () -> block(loop.otherwise()));
		loops = outerLoops;
		Parts parts = new Parts(target, enter(bodyScope), body, leave(bodyScope), loopVariable,
				!loop.otherwise().isEmpty(), enter(elseScope), elseBody);
		Value filter = filtered;
		if (loop.recursive()) {
			return (frame, out) -> {
				Object source = items.of(frame);
				frame.run.emit(out, recurse(frame, function, parts, filter, source, 0));
				return Outcome.NEXT;
			};
		}
		return (frame, out) -> {
			Object source = items.of(frame);
			Object all = filter == null ? source : ((Sieve) filter.of(frame)).of(source);
			return parts.run(frame, out, all, extended ? new Loop(frame.run, all, null, 0) : null);
		};
	}

	private static String recurse(Frame frame, Scope.Function function, Parts parts, Value filter, Object items,
			long depth) {
		Run run = frame.run;
		run.enter();
		int line = run.line;
		Object all = filter == null ? items : ((Sieve) filter.of(frame)).of(items);
		StringBuilder made = new StringBuilder();
		Frame inner = new Frame(run, frame, function.size());
		Loop loop = new Loop(run, all, (more, deeper) -> recurse(frame, function, parts, filter, more, deeper), depth);
		parts.run(inner, made, all, loop);
		run.line = line;
		run.leave();
		return made.toString();
	}

	private interface Sieve {
		Iterator<Object> of(Object items);
	}

	/** The items of a loop that pass its {@code if}, tested one by one as the loop asks for them. */
	private Value filtered(Syntax.For loop) {
		Scope.Function function = new Scope.Function(scope.function.depth + 1);
		Scope inner = new Scope(scope, function);
		inner.read(asParameter(loop.target()));
		inner.read(loop.filter());
		Store target = in(inner, false, () -> store(loop.target()));
		Value test = in(inner, false, () -> value(loop.filter()));
		Action enter = enter(inner);
		return frame -> (Sieve) items -> {
			Frame own = new Frame(frame.run, frame, function.size());
			enter.run(own, null);
			return new Lazy(Values.iterate(items), item -> {
				frame.run.step();
				target.put(own, item);
				return Values.truth(test.of(own)) ? item : Undefined.MISSING;
			});
		};
	}

	private static Target asParameter(Target target) {
		return switch (target) {
			case Syntax.Variable variable -> new Syntax.Variable(variable.line(), variable.name(), true);
			case Syntax.Targets targets -> new Syntax.Targets(targets.line(),
					targets.items().stream().map(Compiler::asParameter).toList());
			case Syntax.Attributed attributed -> attributed;
		};
	}

	// -- macros

	private interface Callables {
		Macro define(Frame frame);
	}

	private Callables macro(Syntax.Function source, String name, int line) {
		Scope.Function function = new Scope.Function(scope.function.depth + 1);
		Scope inner = new Scope(scope, function);
		List<String> names = source.parameters().stream().map(Syntax.Variable::name).toList();
		inner.read(source.children());
		Set<String> special = Scope.undeclared(source.body(), "caller", "kwargs", "varargs");
		int withDefault = names.size() - source.defaults().size();
		if (special.contains("caller") && names.contains("caller") && names.indexOf("caller") < withDefault) {
			throw error(line, "When defining macros or call blocks the special \"caller\" argument must be omitted or be"
					+ " given a default.");
		}
		List<Variable> parameters = new ArrayList<>();
		names.forEach(parameter -> parameters.add(inner.parameter(parameter)));
		boolean caller = special.contains("caller");
		if (caller && !names.contains("caller")) {
			parameters.add(inner.parameter("caller"));
		}
		boolean extraNamed = special.contains("kwargs") && !names.contains("kwargs");
		if (extraNamed) {
			parameters.add(inner.parameter("kwargs"));
		}
		boolean extraPositional = special.contains("varargs") && !names.contains("varargs");
		if (extraPositional) {
			parameters.add(inner.parameter("varargs"));
		}
		int outerLoops = loops;
		loops = 0;
		Value[] defaults = in(inner, false, () -> {
			Value[] values = new Value[names.size()];
			for (int i = 0; i < values.length; i++) {
				String parameter = names.get(i);
				values[i] = i < withDefault
						? _ -> new Undefined("parameter '" + parameter + "' was not provided")
						: value(source.defaults().get(i - withDefault));
			}
			return values;
		});
		Action body = in(inner, false, () -> block(source.body()));
		loops = outerLoops;
		Action enter = enter(inner);
		int[] slots = parameters.stream().mapToInt(Variable::slot).toArray();
		Macro.Signature signature = new Macro.Signature(name, names, caller, extraNamed, extraPositional);
		Macro.Body rendered = (defined, values) -> {
			Frame frame = new Frame(defined.run, defined, function.size());
			for (int i = 0; i < slots.length; i++) {
				frame.slots[slots[i]] = values[i];
			}
			enter.run(frame, null);
			for (int i = 0; i < defaults.length; i++) {
				if (frame.slots[slots[i]] == Undefined.MISSING) {
					frame.slots[slots[i]] = defaults[i].of(frame);
				}
			}
			StringBuilder made = new StringBuilder();
			body.run(frame, made);
			return made.toString();
		};
		return frame -> new Macro(signature, frame, rendered);
	}

	private Action callBlock(Syntax.CallBlock block) {
		Callables macro = macro(block.function(), null, block.line());
		if (block.call() == null) {
			return (frame, out) -> {
				frame.run.emit(out, Values.str(macro.define(frame).call(frame.run, Arguments.NONE)));
				return Outcome.NEXT;
			};
		}
		Value function = value(block.call().function());
		Collected given = given(block.call().given());
		return (frame, out) -> {
			Object called = function.of(frame);
			Arguments arguments = given.of(frame);
			Map<String, Object> named = new LinkedHashMap<>(arguments.named());
			if (named.put("caller", macro.define(frame)) != null) {
				throw new Failure("got multiple values for keyword argument 'caller'");
			}
			Object made = call(frame.run, called, new Arguments(arguments.positional(), named));
			frame.run.emit(out, Values.str(made));
			return Outcome.NEXT;
		};
	}

	// -- targets

	private Store store(Target target) {
		return switch (target) {
			case Syntax.Variable variable -> {
				int slot = scope.variable(variable.name()).slot();
				yield (frame, value) -> frame.slots[slot] = value;
			}
			case Syntax.Attributed attributed -> {
				Value namespace = raw(scope.variable(attributed.namespace()), scope.function);
				String name = attributed.name();
				yield (frame, value) -> {
					if (!(namespace.of(frame) instanceof Namespace space)) {
						throw new Failure("cannot assign attribute on non-namespace object");
					}
					space.attributes().put(name, value);
				};
			}
			case Syntax.Targets targets -> {
				Store[] stores = targets.items().stream().map(this::store).toArray(Store[]::new);
				yield (frame, value) -> unpack(frame, value, stores);
			}
		};
	}

	private static void unpack(Frame frame, Object value, Store[] stores) {
		if (!Values.isIterable(value)) {
			throw new Failure("cannot unpack non-iterable " + Values.typeName(value) + " object");
		}
		Object[] items = new Object[stores.length];
		Iterator<Object> source = Values.iterate(value);
		for (int i = 0; i < items.length; i++) {
			if (!source.hasNext()) {
				throw new Failure("not enough values to unpack (expected " + items.length + ", got " + i + ")");
			}
			items[i] = source.next();
		}
		if (source.hasNext()) {
			throw new Failure("too many values to unpack (expected " + items.length + ")");
		}
		for (int i = 0; i < items.length; i++) {
			stores[i].put(frame, items[i]);
		}
	}

	// -- expressions

	private Value value(Expression expression) {
		return switch (expression) {
			case Syntax.Constant constant -> {
				Object value = constant.value();
				yield _ -> value;
			}
			case Syntax.Name name -> {
				Value variable = raw(scope.variable(name.name()), scope.function);
				yield frame -> {
					Object value = variable.of(frame);
					return value == Undefined.MISSING ? Undefined.named(name.name()) : value;
				};
			}
			case Syntax.Sequence sequence -> {
				Value[] items = values(sequence.items());
				boolean tuple = sequence.tuple();
				yield frame -> {
					frame.run.steps(items.length);
					List<Object> made = new ArrayList<>(items.length);
					for (Value item : items) {
						made.add(item.of(frame));
					}
					return tuple ? new Tuple(made) : made;
				};
			}
			case Syntax.Pairs pairs -> {
				Value[] keys = values(pairs.keys());
				Value[] values = values(pairs.values());
				yield frame -> {
					frame.run.steps(keys.length);
					Map<Object, Object> map = LinkedHashMap.newLinkedHashMap(keys.length);
					for (int i = 0; i < keys.length; i++) {
						Object key = keys[i].of(frame);
						Values.put(map, key, values[i].of(frame));
					}
					return map;
				};
			}
			case Syntax.Binary power when isWrittenUnbraced(power) -> {
				Syntax.Unary minus = (Syntax.Unary) power.left();
				yield value(new Syntax.Unary(minus.line(), "-", new Syntax.Binary(power.line(), Operators.POWER,
						minus.operand(), power.right())));
			}
			case Syntax.Binary binary -> {
				Operators operator = binary.operator();
				Value left = value(binary.left());
				Value right = value(binary.right());
				yield frame -> {
					Object a = left.of(frame);
					return operator.apply(frame.run, a, right.of(frame));
				};
			}
			case Syntax.Logical logical -> {
				Value left = value(logical.left());
				Value right = value(logical.right());
				boolean and = logical.and();
				yield frame -> {
					Object a = left.of(frame);
					return Values.truth(a) == and ? right.of(frame) : a;
				};
			}
			case Syntax.Unary unary -> {
				Value operand = value(unary.operand());
				yield switch (unary.operator()) {
					case "not" -> frame -> !Values.truth(operand.of(frame));
					case "-" -> frame -> Operators.negate(operand.of(frame));
					default -> frame -> Operators.plus(operand.of(frame));
				};
			}
			case Syntax.Concatenation concatenation -> {
				Value[] parts = values(concatenation.parts());
				yield frame -> {
					StringBuilder text = new StringBuilder();
					for (Value part : parts) {
						frame.run.emit(text, Values.str(part.of(frame)));
					}
					return text.toString();
				};
			}
			case Syntax.Comparison comparison -> comparison(comparison);
			case Syntax.Attribute attribute -> {
				Value owner = value(attribute.owner());
				String name = attribute.name();
				yield frame -> Values.attribute(owner.of(frame), name);
			}
			case Syntax.Item item when item.key() instanceof Syntax.Slice slice -> {
				Value owner = value(item.owner());
				Value start = optional(slice.start());
				Value stop = optional(slice.stop());
				Value step = optional(slice.step());
				yield frame -> {
					Object from = owner.of(frame);
					Object first = start.of(frame);
					Object last = stop.of(frame);
					return Values.slice(frame.run, from, first, last, step.of(frame));
				};
			}
			case Syntax.Item item -> {
				Value owner = value(item.owner());
				Value key = value(item.key());
				yield frame -> {
					Object from = owner.of(frame);
					return Values.item(from, key.of(frame));
				};
			}
			case Syntax.Slice slice -> throw error(slice.line(), "a slice outside a subscript");
			case Syntax.Call call -> {
				Value function = value(call.function());
				Collected given = given(call.given());
				yield frame -> {
					Object called = function.of(frame);
					return call(frame.run, called, given.of(frame));
				};
			}
			case Syntax.Filtered filtered -> {
				Value value = value(filtered.value());
				Filters.Filter filter = filterNamed(filtered);
				Collected given = given(filtered.given());
				yield frame -> {
					Object in = value.of(frame);
					frame.run.step();
					return filter.apply(frame.run, in, given.of(frame));
				};
			}
			case Syntax.Tested tested -> {
				Value value = value(tested.value());
				Tests.Test test = testNamed(tested);
				Collected given = given(tested.given());
				yield frame -> {
					Object in = value.of(frame);
					frame.run.step();
					return test.holds(frame.run, in, given.of(frame));
				};
			}
			case Syntax.Conditional conditional -> in(scope, true, () -> {
				Value test = value(conditional.test());
				Value then = value(conditional.then());
				int line = conditional.line();
				Value otherwise = conditional.otherwise() != null ? value(conditional.otherwise())
						: _ -> new Undefined("the inline if-expression on line " + line
								+ " evaluated to false and no else section was defined.");
				return frame -> Values.truth(test.of(frame)) ? then.of(frame) : otherwise.of(frame);
			});
		};
	}

	/** Whether this is {@code -2 ** n}: Python's Jinja writes the -2 it worked out as it is, and means -(2 ** n) then. */
	private static boolean isWrittenUnbraced(Syntax.Binary power) {
		return power.operator() == Operators.POWER && power.left() instanceof Syntax.Unary minus && minus.operator().equals("-")
				&& minus.operand() instanceof Syntax.Constant constant && Values.isNumber(constant.value())
				&& Values.truth(constant.value()) && !isConstant(power.right());
	}

	private static boolean isConstant(Syntax tree) {
		return !(tree instanceof Syntax.Name) && !(tree instanceof Syntax.Call)
				&& tree.children().stream().allMatch(Compiler::isConstant);
	}

	private Value[] values(List<Expression> expressions) {
		return expressions.stream().map(this::value).toArray(Value[]::new);
	}

	private Value optional(Expression expression) {
		return expression == null ? _ -> null : value(expression);
	}

	private interface Comparing {
		boolean holds(Run run, Object left, Object right);
	}

	private Value comparison(Syntax.Comparison comparison) {
		Value first = value(comparison.first());
		Value[] others = values(comparison.others());
		Comparing[] operators = comparison.operators().stream().map(Compiler::comparing).toArray(Comparing[]::new);
		if (others.length == 1) {
			Value second = others[0];
			Comparing operator = operators[0];
			return frame -> {
				Object left = first.of(frame);
				return operator.holds(frame.run, left, second.of(frame));
			};
		}
		return frame -> {
			Object left = first.of(frame);
			for (int i = 0; i < others.length; i++) {
				Object right = others[i].of(frame);
				if (!operators[i].holds(frame.run, left, right)) {
					return false;
				}
				left = right;
			}
			return true;
		};
	}

	private static Comparing comparing(String operator) {
		return switch (operator) {
			case "==" -> (_, left, right) -> Values.equal(left, right);
			case "!=" -> (_, left, right) -> !Values.equal(left, right);
			case "<" -> (_, left, right) -> Values.less(left, right);
			case "<=" -> (_, left, right) -> Values.lessOrEqual(left, right);
			case ">" -> (_, left, right) -> Values.greater(left, right);
			case ">=" -> (_, left, right) -> Values.greaterOrEqual(left, right);
			case "in" -> (run, left, right) -> Values.contains(run, right, left);
			default -> (run, left, right) -> !Values.contains(run, right, left);
		};
	}

	private Filters.Filter filterNamed(Syntax.Filtered filtered) {
		Filters.Filter filter = Filters.find(filtered.name());
		if (filter != null) {
			return filter;
		}
		if (!lenient) {
			throw error(filtered.line(), "No filter named '" + filtered.name() + "'.");
		}
		return (_, _, _) -> {
			throw new Failure("No filter named '" + filtered.name() + "' found.");
		};
	}

	private Tests.Test testNamed(Syntax.Tested tested) {
		Tests.Test test = Tests.find(tested.name());
		if (test != null) {
			return test;
		}
		if (!lenient) {
			throw error(tested.line(), "No test named '" + tested.name() + "'.");
		}
		return (_, _, _) -> {
			throw new Failure("No test named '" + tested.name() + "' found.");
		};
	}

	private static Object call(Run run, Object function, Arguments arguments) {
		if (function instanceof Callable callable) {
			run.step();
			return callable.call(run, arguments);
		}
		Values.defined(function);
		throw new Failure("'" + Values.typeName(function) + "' object is not callable");
	}

	private Collected given(Given given) {
		Value[] positional = values(given.positional());
		Value[] named = values(given.named());
		String[] names = given.names().toArray(String[]::new);
		Value rest = given.rest() == null ? null : value(given.rest());
		Value restNamed = given.restNamed() == null ? null : value(given.restNamed());
		if (rest == null && restNamed == null && names.length == 0) {
			return positional.length == 0 ? _ -> Arguments.NONE : frame -> new Arguments(all(frame, positional), Map.of());
		}
		return frame -> {
			List<Object> values = all(frame, positional);
			Map<String, Object> byName = LinkedHashMap.newLinkedHashMap(names.length);
			if (rest != null) {
				values.addAll(Values.list(frame.run, rest.of(frame)));
			}
			for (int i = 0; i < names.length; i++) {
				byName.put(names[i], named[i].of(frame));
			}
			if (restNamed != null) {
				addNamed(restNamed.of(frame), byName);
			}
			return new Arguments(values, byName);
		};
	}

	private static List<Object> all(Frame frame, Value[] values) {
		List<Object> all = new ArrayList<>(values.length);
		for (Value value : values) {
			all.add(value.of(frame));
		}
		return all;
	}

	private static void addNamed(Object more, Map<String, Object> byName) {
		if (!(more instanceof Map<?, ?> map)) {
			throw new Failure("argument after ** must be a mapping, not " + Values.typeName(more));
		}
		map.forEach((name, value) -> {
			if (!(name instanceof String text)) {
				throw new Failure("keywords must be strings");
			}
			if (byName.containsKey(text)) {
				throw new Failure("got multiple values for keyword argument '" + text + "'");
			}
			byName.put(text, value);
		});
	}
}

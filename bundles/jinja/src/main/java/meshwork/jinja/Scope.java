package meshwork.jinja;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import meshwork.jinja.Syntax.Statement;

/**
 * The variables of a loop, macro or block, and where each gets its first value when the scope is entered: from the context,
 * from the variable of the same name outside, or from nowhere. It is Jinja's own analysis, since templates depend on what
 * it makes of a name that is read before it is set, or set in one branch only.
 */
final class Scope {

	/** A call's worth of variables. */
	static final class Function {

		final int depth;
		private int size;

		Function(int depth) {
			this.depth = depth;
		}

		int size() {
			return size;
		}
	}

	/** Where a variable lives. */
	record Variable(String name, Function function, int slot) {
	}

	/** How a variable starts: as {@code outer} if that is not null, else from the context, else unset. */
	record Load(boolean parameter, boolean context, Variable outer) {

		static final Load PARAMETER = new Load(true, false, null);
		static final Load CONTEXT = new Load(false, true, null);
		static final Load UNSET = new Load(false, false, null);
	}

	final Function function;
	private final Scope parent;
	private final Map<String, Variable> own;
	private final Map<String, Variable> references = new HashMap<>();
	private final Map<Variable, Load> loads = new LinkedHashMap<>();
	private final Set<String> stores = new HashSet<>();

	private Scope(Scope parent, Function function, Map<String, Variable> own) {
		this.parent = parent;
		this.function = function;
		this.own = own;
	}

	/** @param parent null for the template itself */
	Scope(Scope parent, Function function) {
		this(parent, function, new HashMap<>());
	}

	Map<Variable, Load> loads() {
		return loads;
	}

	/** The variable that a name means here; one of the context if the analysis has not met it. */
	Variable variable(String name) {
		load(name);
		return find(name);
	}

	private Variable find(String name) {
		Variable variable = references.get(name);
		return variable != null || parent == null ? variable : parent.find(name);
	}

	private Variable define(String name, Load load) {
		Variable variable = own.computeIfAbsent(name, key -> new Variable(key, function, function.size++));
		references.put(name, variable);
		loads.put(variable, load);
		return variable;
	}

	void load(String name) {
		if (find(name) == null) {
			define(name, Load.CONTEXT);
		}
	}

	void store(String name) {
		stores.add(name);
		if (!references.containsKey(name)) {
			Variable outer = parent == null ? null : parent.find(name);
			define(name, outer == null ? Load.UNSET : new Load(false, false, outer));
		}
	}

	Variable parameter(String name) {
		stores.add(name);
		return define(name, Load.PARAMETER);
	}

	private Scope copy() {
		Scope copy = new Scope(parent, function, own);
		copy.references.putAll(references);
		copy.loads.putAll(loads);
		copy.stores.addAll(stores);
		return copy;
	}

	/** Takes over what branches did: a name set in some but not all of them starts as what it is outside. */
	private void merge(List<Scope> branches) {
		Map<String, Integer> counts = new LinkedHashMap<>();
		for (Scope branch : branches) {
			branch.stores.stream().filter(name -> !stores.contains(name)).forEach(name -> counts.merge(name, 1, Integer::sum));
		}
		for (Scope branch : branches) {
			references.putAll(branch.references);
			loads.putAll(branch.loads);
			stores.addAll(branch.stores);
		}
		counts.forEach((name, count) -> {
			if (count < branches.size()) {
				Variable outer = parent == null ? null : parent.find(name);
				loads.put(find(name), outer == null ? Load.CONTEXT : new Load(false, false, outer));
			}
		});
	}

	// -- analysis

	void read(Iterable<? extends Syntax> trees) {
		for (Syntax tree : trees) {
			read(tree);
		}
	}

	/** Takes in the names of a tree; the insides of loops, macros and blocks are scopes of their own. */
	void read(Syntax tree) {
		switch (tree) {
			case null -> {
			}
			case Syntax.Name name -> load(name.name());
			case Syntax.Variable variable when variable.parameter() -> parameter(variable.name());
			case Syntax.Variable variable -> store(variable.name());
			case Syntax.Attributed attributed -> load(attributed.namespace());
			case Syntax.If branch -> read(branch);
			case Syntax.Assignment assignment -> {
				read(assignment.value());
				read(assignment.target());
			}
			case Syntax.BlockAssignment assignment -> read(assignment.target());
			case Syntax.MacroDefinition macro -> store(macro.name());
			case Syntax.For loop -> read(loop.items());
			case Syntax.CallBlock block -> read(block.call());
			case Syntax.FilterBlock block -> read(block.filter());
			case Syntax.With with -> read(with.values());
			default -> read(tree.children());
		}
	}

	private void read(Syntax.If branch) {
		read(branch.test());
		List<Scope> branches = new ArrayList<>();
		for (List<? extends Statement> body : List.of(branch.body(), branch.elifs(), branch.otherwise())) {
			Scope copy = copy();
			copy.read(body);
			branches.add(copy);
		}
		merge(branches);
	}

	/** Which of these names a tree reads before it sets them, its inner scopes included. */
	static Set<String> undeclared(Iterable<? extends Syntax> trees, String... names) {
		Set<String> wanted = new HashSet<>(List.of(names));
		Set<String> found = new HashSet<>();
		trees.forEach(tree -> undeclared(tree, wanted, found));
		return found;
	}

	private static void undeclared(Syntax tree, Set<String> wanted, Set<String> found) {
		switch (tree) {
			case Syntax.Name name when wanted.contains(name.name()) -> found.add(name.name());
			case Syntax.Variable variable -> wanted.remove(variable.name());
			default -> tree.children().forEach(child -> undeclared(child, wanted, found));
		}
	}

	/** Whether a tree sets a variable of this name anywhere. */
	static boolean sets(Syntax tree, String name) {
		return tree instanceof Syntax.Variable variable && variable.name().equals(name) && !variable.parameter()
				|| tree.children().stream().anyMatch(child -> sets(child, name));
	}
}

package meshwork.jinja;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What a call was given. */
record Arguments(List<Object> positional, Map<String, Object> named) {

	static final Arguments NONE = new Arguments(List.of(), Map.of());

	static Arguments of(Object... positional) {
		return new Arguments(Arrays.asList(positional), Map.of());
	}

	/**
	 * Sorts the arguments into parameters, as Python does.
	 *
	 * @param required how many of the parameters have no default
	 * @return one value a parameter, {@link Undefined#MISSING} where none was given
	 */
	Object[] bind(String function, int required, String... parameters) {
		if (positional.size() > parameters.length) {
			throw new Failure(function + "() takes at most " + parameters.length + " argument"
					+ (parameters.length == 1 ? "" : "s") + " (" + positional.size() + " given)");
		}
		Object[] bound = new Object[parameters.length];
		Arrays.fill(bound, Undefined.MISSING);
		for (int i = 0; i < positional.size(); i++) {
			bound[i] = positional.get(i);
		}
		named.forEach((name, value) -> {
			int at = Arrays.asList(parameters).indexOf(name);
			if (at < 0) {
				throw new Failure(function + "() got an unexpected keyword argument '" + name + "'");
			}
			if (bound[at] != Undefined.MISSING) {
				throw new Failure(function + "() got multiple values for argument '" + name + "'");
			}
			bound[at] = value;
		});
		for (int i = 0; i < required; i++) {
			if (bound[i] == Undefined.MISSING) {
				throw new Failure(function + "() missing argument '" + parameters[i] + "'");
			}
		}
		return bound;
	}

	/** The same for functions of C, whose parameters have no names. */
	Object[] positionalOnly(String function, int required, int most) {
		if (!named.isEmpty()) {
			throw new Failure(function + "() takes no keyword arguments");
		}
		String[] parameters = new String[most];
		for (int i = 0; i < most; i++) {
			parameters[i] = Integer.toString(i + 1);
		}
		return bind(function, required, parameters);
	}

	static boolean given(Object value) {
		return value != Undefined.MISSING;
	}

	static Object or(Object value, Object standard) {
		return value == Undefined.MISSING ? standard : value;
	}
}

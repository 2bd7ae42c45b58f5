package meshwork.jinja;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A macro, or the body of a call block, where it was defined. */
final class Macro implements Callable {

	/**
	 * What is known of a macro from its source.
	 *
	 * @param name null for a call block
	 * @param parameters named ones, in order
	 * @param caller whether the body asks for {@code caller}, which is no named parameter
	 * @param extraNamed whether it asks for {@code kwargs}
	 * @param extraPositional whether it asks for {@code varargs}
	 */
	record Signature(String name, List<String> parameters, boolean caller, boolean extraNamed,
			boolean extraPositional) {
	}

	/** Renders the body; values are those of the parameters, then caller, kwargs and varargs as far as asked for. */
	interface Body {
		String render(Frame frame, Object[] values);
	}

	private final Signature signature;
	private final Frame defined;
	private final Body body;

	Macro(Signature signature, Frame defined, Body body) {
		this.signature = signature;
		this.defined = defined;
		this.body = body;
	}

	@Override
	public Object call(Run run, Arguments arguments) {
		List<String> parameters = signature.parameters();
		List<Object> positional = arguments.positional();
		Map<String, Object> named = new HashMap<>();
		if (!arguments.named().isEmpty()) {
			named = new LinkedHashMap<>(arguments.named());
		}
		List<Object> values = new ArrayList<>(parameters.size() + 3);
		boolean callerGiven = positional.size() >= parameters.size() && parameters.contains("caller");
		for (int i = 0; i < parameters.size(); i++) {
			if (i < positional.size()) {
				values.add(positional.get(i));
			} else {
				String name = parameters.get(i);
				callerGiven |= name.equals("caller");
				values.add(named.containsKey(name) ? named.remove(name) : Undefined.MISSING);
			}
		}
		if (signature.caller() && !callerGiven) {
			Object caller = named.remove("caller");
			values.add(caller == null ? new Undefined("No caller defined") : caller);
		}
		if (signature.extraNamed()) {
			Map<Object, Object> rest = new LinkedHashMap<>(named);
			values.add(rest);
		} else if (!named.isEmpty()) {
			throw new Failure(named.containsKey("caller")
					? "macro " + Values.repr(signature.name()) + " was invoked with two values for the special caller"
							+ " argument. This is most likely a bug."
					: "macro " + Values.repr(signature.name()) + " takes no keyword argument '"
							+ named.keySet().iterator().next() + "'");
		}
		if (signature.extraPositional()) {
			values.add(new Tuple(positional.size() > parameters.size()
					? positional.subList(parameters.size(), positional.size()) : List.of()));
		} else if (positional.size() > parameters.size()) {
			throw new Failure("macro " + Values.repr(signature.name()) + " takes not more than " + parameters.size()
					+ " argument(s)");
		}
		run.step();
		run.enter();
		int line = run.line;
		String text = body.render(defined, values.toArray());
		run.line = line;
		run.leave();
		return text;
	}

	Object attribute(String name) {
		return switch (name) {
			case "name" -> signature.name();
			case "arguments" -> new Tuple(List.copyOf(signature.parameters()));
			case "caller" -> signature.caller();
			case "catch_kwargs" -> signature.extraNamed();
			case "catch_varargs" -> signature.extraPositional();
			case "explicit_caller" -> signature.parameters().contains("caller");
			default -> Undefined.MISSING;
		};
	}

	String repr() {
		return "<Macro " + (signature.name() == null ? "anonymous" : Values.repr(signature.name())) + ">";
	}
}

package meshwork.jinja;

import java.time.Clock;
import java.util.Map;

/** One rendering: what it may read, how far it has come, how far it may go. */
final class Run {

	/** The one in progress, for those that a collection asks for equality or a hash. */
	static final ScopedValue<Run> CURRENT = ScopedValue.newInstance();

	private final Map<?, ?> context;
	private final Limits limits;
	final Clock clock;
	private long steps;
	private int depth;
	int line = 1;

	Run(Map<?, ?> context, Limits limits, Clock clock) {
		this.context = context;
		this.limits = limits;
		this.clock = clock;
	}

	/** A variable of the context, else a global, else {@link Undefined#MISSING}. */
	Object resolve(String name) {
		Object value = context.get(name);
		if (value != null || context.containsKey(name)) {
			return value;
		}
		Object global = Globals.ALL.get(name);
		return global == null ? Undefined.MISSING : global;
	}

	void step() {
		if (++steps > limits.steps()) {
			throw stepsReached();
		}
	}

	/** Pays for work on so many items. */
	void steps(long items) {
		steps += items;
		if (steps > limits.steps()) {
			throw stepsReached();
		}
	}

	/** Refuses a text too long to be made. */
	void fits(long length) {
		if (length > limits.characters()) {
			throw new Failure(TemplateError.Kind.LIMIT, "a text of " + length + " characters, "
					+ limits.characters() + " are allowed");
		}
	}

	/** Pays for text of this length, if it may be made at all. */
	void characters(long length) {
		fits(length);
		steps(length >> 6);
	}

	/** Pays for a list of this size, and refuses one too long to be made. */
	void items(long size) {
		if (size > limits.characters()) {
			throw new Failure(TemplateError.Kind.LIMIT, "a list of " + size + " items, "
					+ limits.characters() + " are allowed");
		}
		steps(size);
	}

	String text(String made) {
		characters(made.length());
		return made;
	}

	void emit(StringBuilder out, String text) {
		fits((long) out.length() + text.length());
		steps(text.length() >> 6);
		out.append(text);
	}

	void enter() {
		if (++depth > limits.recursion()) {
			throw new Failure(TemplateError.Kind.LIMIT, "macros or loops call themselves " + depth
					+ " deep, " + limits.recursion() + " are allowed");
		}
	}

	void leave() {
		depth--;
	}

	private Failure stepsReached() {
		return new Failure(TemplateError.Kind.LIMIT, "not finished after " + limits.steps() + " steps");
	}
}

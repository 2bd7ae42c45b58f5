package meshwork.jinja;

import java.time.Clock;
import java.util.HashMap;
import java.util.Map;

/**
 * A compiled template. Immutable: one serves all threads.
 *
 * <p>It is Jinja2 as transformers sets it up for chat templates: the immutable sandbox, {@code trim_blocks},
 * {@code lstrip_blocks}, loop controls, {@code tojson} that keeps its characters, {@code raise_exception},
 * {@code strftime_now} and {@code generation}. A template sees what it is given and nothing else of the host.
 */
public final class Template {

	private final Compiler.Program program;
	private final Limits limits;

	private Template(Compiler.Program program, Limits limits) {
		this.program = program;
		this.limits = limits;
	}

	/** Compiles with {@link Limits#DEFAULT}. */
	public static Template compile(String source) {
		return compile(source, Limits.DEFAULT);
	}

	/**
	 * Compiles a source.
	 *
	 * @param limits how far each rendering may go
	 * @throws TemplateError if it is no template, or uses what this engine doesn't know, which the message names
	 */
	public static Template compile(String source, Limits limits) {
		try {
			return new Template(Compiler.compile(Parser.parse(source, limits.recursion())), limits);
		} catch (StackOverflowError deep) {
			throw new TemplateError(TemplateError.Kind.LIMIT, 1, "nested too deeply to compile");
		}
	}

	/** Renders with the time of the system for {@code strftime_now}. */
	public String render(Map<String, ?> context) {
		return render(context, Clock.systemDefaultZone());
	}

	/**
	 * Renders.
	 *
	 * @param context variables by name: null, booleans, numbers, strings, collections, maps and
	 *            {@link TemplateFunction}s; they are copied, never changed
	 * @param clock what {@code strftime_now} reads
	 * @throws TemplateError if the template refuses, does what can't be done, or goes too far
	 * @throws IllegalArgumentException if the context holds anything else
	 */
	public String render(Map<String, ?> context, Clock clock) {
		Map<String, Object> values = HashMap.newHashMap(context.size());
		Run run = new Run(values, limits, clock);
		return ScopedValue.where(Run.CURRENT, run).call(() -> {
			context.forEach((name, value) -> values.put(name, Values.of(value, name)));
			return render(run);
		});
	}

	private String render(Run run) {
		try {
			StringBuilder out = new StringBuilder(1024);
			program.body().run(new Frame(run, null, program.slots()), out);
			return out.toString();
		} catch (Failure failure) {
			throw new TemplateError(failure.kind, run.line, failure.getMessage());
		} catch (StackOverflowError deep) {
			throw new TemplateError(TemplateError.Kind.LIMIT, run.line, "nested too deeply to render");
		}
	}
}

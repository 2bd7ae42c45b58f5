package meshwork.jinja;

/** A template that can't be compiled or can't render what it was given. */
public final class TemplateError extends RuntimeException {

	private static final long serialVersionUID = 1;

	/** Who is to blame. */
	public enum Kind {
		/** The source is not a template, or uses what this engine doesn't know. */
		SYNTAX,
		/** The template did with the values what can't be done. */
		RENDER,
		/** The template called {@code raise_exception}: it refuses this conversation, and the message is its own. */
		RAISED,
		/** A {@linkplain Limits limit} was reached. */
		LIMIT
	}

	private final Kind kind;
	private final int line;

	TemplateError(Kind kind, int line, String message) {
		super(kind == Kind.RAISED ? message : "line " + line + ": " + message);
		this.kind = kind;
		this.line = line;
	}

	/** Why it ended. */
	public Kind kind() {
		return kind;
	}

	/** Line of the template's source, from 1. */
	public int line() {
		return line;
	}
}

package meshwork.jinja;

/** An error on its way to the place that knows the line. */
final class Failure extends RuntimeException {

	private static final long serialVersionUID = 1;

	final TemplateError.Kind kind;

	Failure(String message) {
		this(TemplateError.Kind.RENDER, message);
	}

	Failure(TemplateError.Kind kind, String message) {
		super(message, null, false, false);
		this.kind = kind;
	}
}

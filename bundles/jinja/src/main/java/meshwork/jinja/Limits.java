package meshwork.jinja;

/**
 * How far one rendering may go. A template comes with a model from outside and is as trusted as any other download.
 *
 * @param steps statements run, items looked at and, in lots of 64, characters made
 * @param characters of the output and of any one string or list on the way to it
 * @param recursion macros and recursive loops inside each other, and expressions inside each other in the source
 */
public record Limits(long steps, int characters, int recursion) {

	/** Enough for conversations of a million tokens. */
	public static final Limits DEFAULT = new Limits(10_000_000, 16 << 20, 200);

	public Limits {
		if (steps < 1 || characters < 1 || recursion < 1) {
			throw new IllegalArgumentException("a limit below 1 lets nothing through: " + steps + " steps, "
					+ characters + " characters, recursion " + recursion);
		}
	}
}

package meshwork.jinja;

/** What a name or attribute that isn't there evaluates to: prints as nothing, is false, and can't be worked with. All are equal. */
final class Undefined {

	/** Marks a variable that was never set, or an argument that was not given; never a value. */
	static final Object MISSING = new Object();

	private final String message;

	Undefined(String message) {
		this.message = message;
	}

	static Undefined named(String name) {
		return new Undefined("'" + name + "' is undefined");
	}

	static Undefined of(Object owner, Object key) {
		String type = Values.ownerName(owner);
		return new Undefined(key instanceof String name ? "'" + type + "' has no attribute '" + name + "'"
				: type + " has no element " + Values.repr(key));
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof Undefined;
	}

	@Override
	public int hashCode() {
		return 7;
	}

	Failure failure() {
		return new Failure(message);
	}
}

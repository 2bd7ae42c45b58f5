package meshwork.runtime;

import java.util.Arrays;

/**
 * Tokens that were computed once, for whoever may begin a prompt with them.
 *
 * @param scope who may
 */
record Prefix(String scope, int[] tokens) {

	/** Fewer are computed as fast as they are looked up. */
	static final int LEAST = 16;

	static Prefix of(String scope, int[] tokens, int size) {
		return new Prefix(scope, Arrays.copyOf(tokens, size));
	}

	int size() {
		return tokens.length;
	}

	/** How many of the first tokens are the same; none for another scope. */
	int common(String other, int[] others, int size) {
		if (!scope.equals(other))
			return 0;
		int different = Arrays.mismatch(tokens, 0, tokens.length, others, 0, size);
		return different < 0 ? size : different;
	}

	/** Whether this one begins with all of the other. */
	boolean covers(Prefix other) {
		return common(other.scope, other.tokens, other.size()) == other.size();
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof Prefix prefix && scope.equals(prefix.scope) && Arrays.equals(tokens, prefix.tokens);
	}

	@Override
	public int hashCode() {
		return 31 * scope.hashCode() + Arrays.hashCode(tokens);
	}
}

package meshwork.api.draft;

import java.util.Arrays;

/**
 * Tokens that may follow, as a tree: node {@code i} holds {@code tokens[i]} and follows node {@code parents[i]}, or the last
 * accepted token where that is −1. Parents come before their children, children of one parent hold different tokens.
 *
 * @param tokens {@code [n_nodes]}
 * @param parents {@code [n_nodes]}
 * @param values {@code [n_nodes]}: how likely the drafter holds it that the node is reached and right, 0…1
 */
public record TokenTree(int[] tokens, int[] parents, float[] values) {

	/** Nothing to propose. */
	public static final TokenTree EMPTY = new TokenTree(new int[0], new int[0], new float[0]);

	public TokenTree {
		if (tokens.length != parents.length || tokens.length != values.length)
			throw new IllegalArgumentException("a tree of %d tokens, %d parents and %d values".formatted(tokens.length, parents.length,
					values.length));
		for (int i = 0; i < parents.length; i++)
			if (parents[i] < -1 || parents[i] >= i)
				throw new IllegalArgumentException("node %d follows node %d, which does not come before it".formatted(i, parents[i]));
	}

	/** How many nodes there are. */
	public int size() {
		return tokens.length;
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof TokenTree tree && Arrays.equals(tokens, tree.tokens) && Arrays.equals(parents, tree.parents)
				&& Arrays.equals(values, tree.values);
	}

	@Override
	public int hashCode() {
		return 31 * Arrays.hashCode(tokens) + Arrays.hashCode(parents);
	}
}

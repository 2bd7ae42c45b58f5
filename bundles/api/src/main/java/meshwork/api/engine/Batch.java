package meshwork.api.engine;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * What one decode computes: rows, each a token at a position of one or more sequences. A row of several sequences is a node
 * of a token tree that all of them share. Filled and read by one thread; reused for every step without allocating.
 */
@ConsumerType
public interface Batch {

	/** Forgets all rows. */
	void clear();

	/** Rows so far. */
	int size();

	/** Most rows. */
	int capacity();

	/**
	 * Adds a row to one sequence.
	 *
	 * @param position the sequence's next position: positions of a sequence follow one another
	 * @return the row
	 * @throws IndexOutOfBoundsException when the batch is full
	 */
	int add(int token, int position, int sequence);

	/**
	 * Adds a row that several sequences share; it comes before the rows that continue it.
	 *
	 * @return the row
	 */
	int add(int token, int position, int[] sequences);

	/** Has the decode compute the row's logits. */
	void output(int row);

	/**
	 * Has the decode compute the row and pick with the sampler the token that follows it: the walk that begins there. Where a
	 * row drafted after this one holds the picked token, the walk goes on from that row, with the same sampler, until nothing
	 * that was drafted is picked.
	 */
	void sample(int row, Sampler sampler);

	/**
	 * Marks a row as drafted after another: computed, and picked from only if the walk reaches it. Rows drafted after the same
	 * parent hold different tokens.
	 */
	void draft(int row, int parent);

	/** After a decode: how many tokens the walk from this row picked, at least one; 0 for a row where none began. */
	int picked(int row);

	/** After a decode: a token that the walk from this row picked, 0…{@link #picked}−1. */
	int token(int row, int index);

	/** After a decode: the row from which that token was picked; of index 0 the row itself. */
	int source(int row, int index);
}

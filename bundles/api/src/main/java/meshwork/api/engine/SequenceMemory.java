package meshwork.api.engine;

import java.lang.foreign.MemorySegment;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * What a session remembers of each sequence. Positions are 0…; a range is {@code [begin, end)}, and an end of −1 means all
 * that follows. Used by the thread that decodes.
 */
@ConsumerType
public interface SequenceMemory {

	/** One more than the last position of the sequence; 0 when it is empty. */
	int end(int sequence);

	/**
	 * Takes a range out of a sequence; cells that no sequence holds any more are free.
	 *
	 * @return false, and nothing changed, when the model can't go back to there
	 */
	boolean remove(int sequence, int begin, int end);

	/** Has another sequence share a range; nothing is copied but the note of it. */
	void copy(int from, int to, int begin, int end);

	/** Forgets every sequence but this one. */
	void keep(int sequence);

	/** Moves the positions of a range, which changes how far back the model sees it. */
	void shift(int sequence, int begin, int end, int delta);

	/** Forgets everything. */
	void clear();

	/**
	 * Names the form of a saved state. What was saved in one session can be restored in another that names the same form.
	 */
	String format();

	/** Bytes that {@link #save} would write now. */
	long bytes(int sequence);

	/**
	 * Writes the state of a sequence.
	 *
	 * @return bytes written
	 * @throws EngineFailed when the target is too small
	 */
	long save(int sequence, MemorySegment target);

	/**
	 * Puts a saved state in the place of a sequence.
	 *
	 * @throws EngineFailed when the state is of another form or does not fit; the sequence is empty then
	 */
	void restore(int sequence, MemorySegment state);
}

package meshwork.gguf;

import java.util.List;

/**
 * A tensor of a model: its name and shape, and where its data lie.
 *
 * @param name unique in the model, at most 63 bytes
 * @param type how its elements are stored
 * @param shape elements along 1 to 4 axes, the contiguous one first
 * @param part index of the file that holds it
 * @param offset where its data begin, in bytes from the beginning of that file
 */
public record TensorEntry(String name, TensorType type, List<Long> shape, int part, long offset) {

	public TensorEntry {
		shape = List.copyOf(shape);
	}

	/** Elements along {@code axis}, 1 beyond its last one. */
	public long extent(int axis) {
		return axis < shape.size() ? shape.get(axis) : 1;
	}

	/** How many elements it has. */
	public long elements() {
		return shape.stream().reduce(1L, Math::multiplyExact);
	}

	/** How many bytes its data have. */
	public long bytes() {
		return type.bytes(elements());
	}

	/** Where its data end, in bytes from the beginning of its file. */
	public long end() {
		return offset + bytes();
	}
}

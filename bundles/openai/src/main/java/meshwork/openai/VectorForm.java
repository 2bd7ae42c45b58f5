package meshwork.openai;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * How vectors are told.
 *
 * @param base64 as the bytes of little-endian 32-bit floats, rather than as numbers
 * @param dimensions that are wanted of each, if not all
 * @param norm that gets the length 1, as llama-server counts them: 1 is taxicab, 2 Euclidean, and so on; 0 makes the largest element 32760,
 *        −1 leaves all as they are
 */
record VectorForm(boolean base64, Optional<Integer> dimensions, int norm) {

	private static final int EUCLIDEAN = 2;
	private static final float LARGEST = 32760;

	static VectorForm read(Fields fields) {
		String format = fields.text("encoding_format").orElse("float");
		if (!format.equals("float") && !format.equals("base64"))
			throw fields.wrong("encoding_format", "is '%s': it has to be one of float, base64".formatted(format));
		return new VectorForm(format.equals("base64"), fields.integer("dimensions", 1, Integer.MAX_VALUE),
				fields.integer("embd_normalize", -1, Integer.MAX_VALUE).orElse(EUCLIDEAN));
	}

	/** Whether the model's vectors are wanted with the Euclidean length 1. */
	boolean normalized() {
		return norm == EUCLIDEAN;
	}

	/** The same for vectors that nobody scales. */
	VectorForm unscaled() {
		return new VectorForm(base64, dimensions, -1);
	}

	/**
	 * Puts a vector into the form.
	 *
	 * @param vector of the length 1 if it was wanted {@link #normalized}
	 */
	Object of(float[] vector) {
		int length = dimensions.orElse(vector.length);
		if (length > vector.length)
			throw Refusal.invalid("dimensions", "integer_above_max_value",
					"'dimensions' has to be at most %d, which is what the model has, but is %d".formatted(vector.length, length));
		float[] told = normalized() && length == vector.length ? vector : scaled(Arrays.copyOf(vector, length));
		return base64 ? bytes(told) : told;
	}

	private float[] scaled(float[] vector) {
		double length = switch (norm) {
			case -1 -> 1;
			case 0 -> largest(vector) / LARGEST;
			default -> length(vector);
		};
		for (int i = 0; i < vector.length && length > 0; i++)
			vector[i] = (float) (vector[i] / length);
		return vector;
	}

	private static float largest(float[] vector) {
		float largest = 0;
		for (float element : vector)
			largest = Math.max(largest, Math.abs(element));
		return largest;
	}

	private double length(float[] vector) {
		double sum = 0;
		for (float element : vector)
			sum += Math.pow(Math.abs(element), norm);
		return Math.pow(sum, 1.0 / norm);
	}

	private static String bytes(float[] vector) {
		var bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
		bytes.asFloatBuffer().put(vector);
		return Base64.getEncoder().encodeToString(bytes.array());
	}
}

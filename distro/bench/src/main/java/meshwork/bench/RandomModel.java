package meshwork.bench;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

import meshwork.gguf.Gguf;
import meshwork.gguf.GgufWriter;
import meshwork.gguf.TensorType;
import meshwork.gguf.Value;
import meshwork.gguf.Value.Texts;
import meshwork.gguf.ValueType;

/**
 * A model of random weights: as fast and as large as a real one of its shape, and made in seconds. The same bytes every time.
 * It speaks in plain ASCII only, whatever it says, and never ends of itself while tokens are picked among the likelier ones: the
 * output weights of all other tokens are zero.
 */
public final class RandomModel {

	/** What a model is made of. */
	public enum Shape {

		/** 0.43 billion parameters as a Llama. */
		DENSE("llama", 1280, 20, 20, 4, 3456, 0, 0),
		/** 1.3 billion parameters as a Qwen 3 with 64 experts, of which a token takes 8. */
		MOE("qwen3moe", 1024, 16, 16, 4, 384, 64, 8);

		private final String architecture;
		private final int embedding;
		private final int layers;
		private final int heads;
		private final int keyHeads;
		private final int feedForward;
		private final int experts;
		private final int used;

		Shape(String architecture, int embedding, int layers, int heads, int keyHeads, int feedForward, int experts, int used) {
			this.architecture = architecture;
			this.embedding = embedding;
			this.layers = layers;
			this.heads = heads;
			this.keyHeads = keyHeads;
			this.feedForward = feedForward;
			this.experts = experts;
			this.used = used;
		}
	}

	/** How its matrices are stored. */
	public enum Weights {

		Q4_0(TensorType.Q4_0, 2), Q8_0(TensorType.Q8_0, 7);

		private final TensorType type;
		private final int fileType;

		Weights(TensorType type, int fileType) {
			this.type = type;
			this.fileType = fileType;
		}
	}

	private static final int HEAD = 64;
	private static final int VOCABULARY = 32_000;
	private static final int CONTEXT = 32_768;
	private static final int BLOCK = 32;
	private static final int PIECE = 1 << 16;
	/** How far the logits spread: about as a trained model's. */
	private static final double LOGITS = 3;

	private static final int NORMAL = 1;
	private static final int UNUSED = 5;

	private final Shape shape;
	private final Weights weights;
	private final Gguf speaker;
	private final GgufWriter writer = new GgufWriter();
	private long seed;

	private RandomModel(Shape shape, Weights weights, Gguf speaker) {
		this.shape = shape;
		this.weights = weights;
		this.speaker = speaker;
	}

	/**
	 * Writes a model.
	 *
	 * @param speaker the model whose vocabulary and chat template it gets, padded to {@value #VOCABULARY} tokens
	 * @throws IOException if there is no room, or no right to write
	 */
	public static void write(Shape shape, Weights weights, Path speaker, Path target) throws IOException {
		var model = new RandomModel(shape, weights, Gguf.open(speaker));
		model.describe();
		model.tensors();
		model.writer.write(target);
	}

	private void describe() {
		String architecture = shape.architecture;
		writer.put("general.architecture", architecture).put("general.type", "model")
				.put("general.name", "random " + shape.name().toLowerCase() + ' ' + weights)
				.put("general.file_type", Value.u32(weights.fileType)).put("general.quantization_version", Value.u32(2));
		put("vocab_size", VOCABULARY);
		put("context_length", CONTEXT);
		put("embedding_length", shape.embedding);
		put("block_count", shape.layers);
		put("feed_forward_length", shape.feedForward * Math.max(1, shape.used));
		put("attention.head_count", shape.heads);
		put("attention.head_count_kv", shape.keyHeads);
		put("attention.key_length", HEAD);
		put("attention.value_length", HEAD);
		put("rope.dimension_count", HEAD);
		writer.put(architecture + ".attention.layer_norm_rms_epsilon", Value.f32(1e-5));
		writer.put(architecture + ".rope.freq_base", Value.f32(10_000));
		if (shape.experts > 0) {
			put("expert_count", shape.experts);
			put("expert_used_count", shape.used);
			put("expert_feed_forward_length", shape.feedForward);
		}
		speaker.metadata().values().forEach((key, value) -> {
			if (key.startsWith("tokenizer."))
				writer.put(key, value);
		});
		List<String> tokens = new ArrayList<>();
		Texts known = vocabulary();
		for (int token = 0; token < VOCABULARY; token++)
			tokens.add(token < known.size() ? known.text(token) : "<|unused " + token + "|>");
		writer.put("tokenizer.ggml.tokens", Value.texts(tokens));
		int[] types = new int[VOCABULARY];
		for (int token = 0; token < VOCABULARY; token++)
			types[token] = token < known.size() ? kind(token) : UNUSED;
		writer.put("tokenizer.ggml.token_type", Value.ints(ValueType.I32, types));
	}

	private void put(String key, int value) {
		writer.put(shape.architecture + '.' + key, Value.u32(value));
	}

	private Texts vocabulary() {
		return speaker.metadata().texts("tokenizer.ggml.tokens").orElseThrow();
	}

	private int kind(int token) {
		return speaker.metadata().numbers("tokenizer.ggml.token_type").map(types -> (int) types.integer(token)).orElse(NORMAL);
	}

	/** Whether a token may be said: letters, digits and signs of ASCII, with a blank before them as byte-level vocabularies write it. */
	private boolean spoken(int token) {
		return token < vocabulary().size() && kind(token) == NORMAL && vocabulary().text(token).matches("\u0120?[!-~]+");
	}

	private void tensors() {
		int embedding = shape.embedding;
		int attention = HEAD * shape.heads;
		int keys = HEAD * shape.keyHeads;
		matrix("token_embd.weight", 1, embedding, VOCABULARY);
		for (int layer = 0; layer < shape.layers; layer++) {
			String block = "blk." + layer + '.';
			ones(block + "attn_norm.weight", embedding);
			matrix(block + "attn_q.weight", 1 / Math.sqrt(embedding), embedding, attention);
			matrix(block + "attn_k.weight", 1 / Math.sqrt(embedding), embedding, keys);
			matrix(block + "attn_v.weight", 1 / Math.sqrt(embedding), embedding, keys);
			matrix(block + "attn_output.weight", 1 / Math.sqrt(attention), attention, embedding);
			ones(block + "ffn_norm.weight", embedding);
			if (shape.experts == 0) {
				feedForward(block, "");
			} else {
				ones(block + "attn_q_norm.weight", HEAD);
				ones(block + "attn_k_norm.weight", HEAD);
				router(block + "ffn_gate_inp.weight");
				feedForward(block, "_exps");
			}
		}
		ones("output_norm.weight", embedding);
		output("output.weight");
	}

	private void feedForward(String block, String kind) {
		int embedding = shape.embedding;
		int inner = shape.feedForward;
		long[] wide = shape.experts == 0 ? new long[] { embedding, inner } : new long[] { embedding, inner, shape.experts };
		long[] back = shape.experts == 0 ? new long[] { inner, embedding } : new long[] { inner, embedding, shape.experts };
		matrix(block + "ffn_gate" + kind + ".weight", 1 / Math.sqrt(embedding), wide);
		matrix(block + "ffn_up" + kind + ".weight", 1 / Math.sqrt(embedding), wide);
		matrix(block + "ffn_down" + kind + ".weight", 1 / Math.sqrt(inner), back);
	}

	private void ones(String name, int size) {
		float[] ones = new float[size];
		Arrays.fill(ones, 1);
		floats(name, ones, size);
	}

	private void router(String name) {
		var random = new SplittableRandom(seed++);
		float[] values = new float[shape.embedding * shape.experts];
		double most = Math.sqrt(3. / shape.embedding);
		for (int i = 0; i < values.length; i++)
			values[i] = (float) random.nextDouble(-most, most);
		floats(name, values, shape.embedding, shape.experts);
	}

	private void floats(String name, float[] values, long... extents) {
		MemorySegment bytes = MemorySegment.ofArray(new byte[values.length * Float.BYTES]);
		MemorySegment.copy(values, 0, bytes, ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0, values.length);
		writer.tensor(name, TensorType.F32, list(extents), GgufWriter.Content.of(bytes));
	}

	private void matrix(String name, double deviation, long... extents) {
		var blocks = new Blocks(weights.type, deviation, seed++);
		long count = Arrays.stream(extents).reduce(1, Math::multiplyExact) / BLOCK;
		writer.tensor(name, weights.type, list(extents), channel -> {
			for (long block = 0; block < count; block++)
				blocks.random(channel);
			blocks.flush(channel);
		});
	}

	private void output(String name) {
		var blocks = new Blocks(weights.type, LOGITS / Math.sqrt(shape.embedding), seed++);
		writer.tensor(name, weights.type, List.of((long) shape.embedding, (long) VOCABULARY), channel -> {
			for (int token = 0; token < VOCABULARY; token++) {
				boolean spoken = spoken(token);
				for (int block = 0; block < shape.embedding / BLOCK; block++)
					if (spoken)
						blocks.random(channel);
					else
						blocks.zero(channel);
			}
			blocks.flush(channel);
		});
	}

	private static List<Long> list(long... extents) {
		return Arrays.stream(extents).boxed().toList();
	}

	/**
	 * Blocks of 32 weights, spread evenly around zero: a scale in half precision, then the weights as multiples of it, in bytes
	 * ({@code Q8_0}) or in half bytes that are 8 too large ({@code Q4_0}).
	 */
	private static final class Blocks {

		private static final int MOST_IN_4_BITS = 7;
		private static final int MOST_IN_8_BITS = 127;

		private final boolean half;
		private final short scale;
		private final SplittableRandom random;
		private final ByteBuffer buffer = ByteBuffer.allocate(PIECE).order(ByteOrder.LITTLE_ENDIAN);
		private final int bytes;

		Blocks(TensorType type, double deviation, long seed) {
			half = type == TensorType.Q4_0;
			bytes = type.blockBytes();
			int most = half ? MOST_IN_4_BITS : MOST_IN_8_BITS;
			// whole numbers from -n to n deviate by √(n (n + 1) / 3)
			scale = Float.floatToFloat16((float) (deviation / Math.sqrt(most * (most + 1) / 3.)));
			random = new SplittableRandom(seed);
		}

		void random(WritableByteChannel channel) throws IOException {
			room(channel);
			buffer.putShort(scale);
			if (half)
				for (int i = 0; i < BLOCK / 2; i += Long.BYTES)
					buffer.putLong(nibbles(random.nextLong()));
			else
				for (int i = 0; i < BLOCK; i += Long.BYTES)
					buffer.putLong(evened(random.nextLong()));
		}

		void zero(WritableByteChannel channel) throws IOException {
			room(channel);
			buffer.putShort((short) 0);
			for (int i = 0; i < bytes - Short.BYTES; i++)
				buffer.put((byte) (half ? 0x88 : 0));
		}

		/** The half byte 0, which is -8, becomes 8, which is 0: what is left is even around zero. */
		private static long nibbles(long bits) {
			long any = bits | bits >>> 1;
			any |= any >>> 2;
			return bits | (~any & 0x1111_1111_1111_1111L) << 3;
		}

		/** The byte -128 becomes 0. */
		private static long evened(long bits) {
			long any = (bits & 0x7f7f_7f7f_7f7f_7f7fL) + 0x7f7f_7f7f_7f7f_7f7fL;
			return bits & (any | 0x7f7f_7f7f_7f7f_7f7fL);
		}

		private void room(WritableByteChannel channel) throws IOException {
			if (buffer.remaining() < bytes)
				flush(channel);
		}

		void flush(WritableByteChannel channel) throws IOException {
			buffer.flip();
			while (buffer.hasRemaining())
				channel.write(buffer);
			buffer.clear();
		}
	}
}

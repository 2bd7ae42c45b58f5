package meshwork.gguf;

import static meshwork.gguf.ModelRejected.count;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Checks that each tensor lies where llama.cpp can map it, and is stored in a way that it can compute with. */
final class TensorCheck {

	/** What ggml wants a mapped tensor to be aligned to, in bytes. */
	private static final int MAPPED_ALIGNMENT = 32;
	private static final Set<String> MATRICES = Set.copyOf(Facts.lines("matrices.txt"));
	private static final Map<String, TensorType> TABLES_OF_IDS = Map.of("d2t", TensorType.I64,
			"blk.ffn_gate_tid2eid.weight", TensorType.I32);

	private final Gguf model;

	TensorCheck(Gguf model) {
		this.model = model;
	}

	void check(int vocabulary) {
		for (TensorEntry tensor : model.tensors()) {
			if (tensor.elements() == 0) {
				throw rejected(tensor, "has no elements");
			}
			if (tensor.offset() % MAPPED_ALIGNMENT != 0) {
				throw rejected(tensor, "begins at byte " + count(tensor.offset()) + ", not a multiple of "
						+ MAPPED_ALIGNMENT + ": write the file with general.alignment 32");
			}
			type(tensor);
			experts(tensor);
		}
		TensorEntry embeddings = model.tensor("token_embd.weight").orElseThrow(
				() -> new ModelRejected("token_embd.weight is missing: this is no whole model", model.file()));
		if (embeddings.extent(1) != vocabulary) {
			throw rejected(embeddings, "has " + count(embeddings.extent(1)) + " rows for " + count(vocabulary) + " tokens");
		}
	}

	private void type(TensorEntry tensor) {
		String name = withoutNumbers(tensor.name());
		TensorType ids = TABLES_OF_IDS.get(name);
		if (ids != null) {
			if (tensor.type() != ids) {
				throw rejected(tensor, "is of type " + tensor.type() + ", its ids have to be " + ids);
			}
		} else if (isMatrix(name)) {
			if (!tensor.type().computes()) {
				throw rejected(tensor, "is of type " + tensor.type() + ", which the engine can't multiply with");
			}
		} else if (tensor.type() != TensorType.F32) {
			throw rejected(tensor, "is of type " + tensor.type() + ", but tensors of its kind have to be F32");
		}
	}

	/** The loader takes experts with two matrices, or with two in one and another, but doesn't insist on either. */
	private void experts(TensorEntry tensor) {
		if (tensor.name().endsWith(".ffn_down_exps.weight")) {
			String up = tensor.name().replace("ffn_down_exps", "ffn_up_exps");
			String both = tensor.name().replace("ffn_down_exps", "ffn_gate_up_exps");
			if (model.tensor(up).isEmpty() && model.tensor(both).isEmpty()) {
				throw rejected(tensor, "is there, but neither " + up + " nor " + both + " is: this is no whole model");
			}
		}
	}

	private static boolean isMatrix(String name) {
		return MATRICES.contains(name.endsWith(".weight") ? name.substring(0, name.length() - ".weight".length()) : name);
	}

	private static String withoutNumbers(String name) {
		return Arrays.stream(name.split("\\.")).filter(part -> !part.chars().allMatch(Character::isDigit))
				.collect(Collectors.joining("."));
	}

	private ModelRejected rejected(TensorEntry tensor, String reason) {
		Path file = model.parts().get(tensor.part()).file();
		return new ModelRejected(tensor.name() + " " + reason, file);
	}
}

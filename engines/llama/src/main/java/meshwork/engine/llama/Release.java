package meshwork.engine.llama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is particular to a release of llama.cpp: how its structs lie in memory (64-bit platforms), and which form of saved
 * sequence state it writes. Layouts move between releases, so a release that is not listed here is not spoken to.
 *
 * @param version as {@code llama_version()} gives it, less what follows a hyphen
 * @param state names the form of a saved sequence; releases of one form read each other's
 * @param structs layouts by their names in C
 */
record Release(String version, String state, Map<String, StructLayout> structs) {

	/** {@code GGML_TYPE_F16}. */
	private static final int F16 = 1;

	private static final Map<String, StructLayout> SINCE_0_4_0 = Map.of(
			"llama_model_params", structLayout(
					ADDRESS.withName("devices"), ADDRESS.withName("tensor_buft_overrides"),
					JAVA_INT.withName("n_gpu_layers"), JAVA_INT.withName("split_mode"), JAVA_INT.withName("load_mode"),
					JAVA_INT.withName("lazy_mode"), JAVA_INT.withName("main_gpu"), paddingLayout(4),
					ADDRESS.withName("tensor_split"), ADDRESS.withName("progress_callback"),
					ADDRESS.withName("progress_callback_user_data"), ADDRESS.withName("kv_overrides"),
					JAVA_BOOLEAN.withName("vocab_only"), JAVA_BOOLEAN.withName("check_tensors"),
					JAVA_BOOLEAN.withName("use_extra_bufts"), JAVA_BOOLEAN.withName("no_host"),
					JAVA_BOOLEAN.withName("no_alloc"), JAVA_BOOLEAN.withName("load_mtp"), paddingLayout(2)),
			"llama_context_params", structLayout(
					JAVA_INT.withName("n_ctx"), JAVA_INT.withName("n_batch"), JAVA_INT.withName("n_ubatch"),
					JAVA_INT.withName("n_seq_max"), JAVA_INT.withName("n_rs_seq"), JAVA_INT.withName("n_outputs_max"),
					JAVA_INT.withName("n_outputs_max_per_seq"), JAVA_INT.withName("n_threads"),
					JAVA_INT.withName("n_threads_batch"), JAVA_INT.withName("ctx_type"),
					JAVA_INT.withName("rope_scaling_type"), JAVA_INT.withName("pooling_type"),
					JAVA_INT.withName("attention_type"), JAVA_INT.withName("flash_attn_type"),
					JAVA_FLOAT.withName("rope_freq_base"), JAVA_FLOAT.withName("rope_freq_scale"),
					JAVA_FLOAT.withName("yarn_ext_factor"), JAVA_FLOAT.withName("yarn_attn_factor"),
					JAVA_FLOAT.withName("yarn_beta_fast"), JAVA_FLOAT.withName("yarn_beta_slow"),
					JAVA_INT.withName("yarn_orig_ctx"), JAVA_FLOAT.withName("defrag_thold"),
					ADDRESS.withName("cb_eval"), ADDRESS.withName("cb_eval_user_data"),
					JAVA_INT.withName("type_k"), JAVA_INT.withName("type_v"),
					ADDRESS.withName("abort_callback"), ADDRESS.withName("abort_callback_data"),
					JAVA_BOOLEAN.withName("embeddings"), JAVA_BOOLEAN.withName("offload_kqv"), JAVA_BOOLEAN.withName("no_perf"),
					JAVA_BOOLEAN.withName("op_offload"), JAVA_BOOLEAN.withName("swa_full"), JAVA_BOOLEAN.withName("kv_unified"),
					paddingLayout(2), ADDRESS.withName("samplers"), JAVA_LONG.withName("n_samplers"), ADDRESS.withName("ctx_other")),
			"llama_batch", structLayout(
					JAVA_INT.withName("n_tokens"), paddingLayout(4), ADDRESS.withName("token"), ADDRESS.withName("embd"),
					ADDRESS.withName("pos"), ADDRESS.withName("n_seq_id"), ADDRESS.withName("seq_id"), ADDRESS.withName("logits")),
			"llama_sampler_chain_params", structLayout(JAVA_BOOLEAN.withName("no_perf")),
			"llama_logit_bias", structLayout(JAVA_INT.withName("token"), JAVA_FLOAT.withName("bias")),
			"llama_token_data", structLayout(JAVA_INT.withName("id"), JAVA_FLOAT.withName("logit"), JAVA_FLOAT.withName("p")),
			"llama_token_data_array", structLayout(
					ADDRESS.withName("data"), JAVA_LONG.withName("size"), JAVA_LONG.withName("selected"),
					JAVA_BOOLEAN.withName("sorted"), paddingLayout(7)),
			"ggml_threadpool_params", structLayout(
					MemoryLayout.sequenceLayout(512, JAVA_BYTE).withName("cpumask"), JAVA_INT.withName("n_threads"),
					JAVA_INT.withName("prio"), JAVA_INT.withName("poll"), JAVA_BOOLEAN.withName("strict_cpu"),
					JAVA_BOOLEAN.withName("paused"), paddingLayout(2)));

	private static final List<Release> KNOWN = List.of(
			new Release("0.4.0", "llama-kv-1", SINCE_0_4_0),
			new Release("0.5.0", "llama-kv-1", SINCE_0_4_0));

	/** The release of this version; builds call themselves {@code 0.5.0-dev} too. */
	static Optional<Release> of(String version) {
		String base = version.replaceFirst("-.*", "");
		return KNOWN.stream().filter(release -> release.version.equals(base)).findFirst();
	}

	/** The versions that the binding knows, for a person to read. */
	static String known() {
		return String.join(", ", KNOWN.stream().map(Release::version).toList());
	}

	StructLayout struct(String name) {
		StructLayout layout = structs.get(name);
		if (layout == null)
			throw new IllegalArgumentException("release " + version + " has no struct " + name);
		return layout;
	}

	/** Where a field of a struct lies, in bytes. */
	long offset(String struct, String field) {
		return struct(struct).byteOffset(PathElement.groupElement(field));
	}

	/**
	 * Compares what the library fills in by default with what this release is known to: a layout that has moved shows at once.
	 *
	 * @throws LinkageError naming the first field that differs
	 */
	void check(MemorySegment modelParams, MemorySegment contextParams) {
		expect("llama_model_params", modelParams, "n_gpu_layers", -1);
		expect("llama_model_params", modelParams, "split_mode", 1);
		expect("llama_model_params", modelParams, "main_gpu", 0);
		expect("llama_model_params", modelParams, "use_extra_bufts", true);
		expect("llama_model_params", modelParams, "vocab_only", false);
		expect("llama_model_params", modelParams, "no_alloc", false);
		expect("llama_context_params", contextParams, "n_ctx", 512);
		expect("llama_context_params", contextParams, "n_batch", 2048);
		expect("llama_context_params", contextParams, "n_ubatch", 512);
		expect("llama_context_params", contextParams, "n_seq_max", 1);
		expect("llama_context_params", contextParams, "rope_scaling_type", -1);
		expect("llama_context_params", contextParams, "pooling_type", -1);
		expect("llama_context_params", contextParams, "flash_attn_type", -1);
		expect("llama_context_params", contextParams, "type_k", F16);
		expect("llama_context_params", contextParams, "type_v", F16);
		expect("llama_context_params", contextParams, "embeddings", false);
		expect("llama_context_params", contextParams, "offload_kqv", true);
		expect("llama_context_params", contextParams, "no_perf", true);
		expect("llama_context_params", contextParams, "kv_unified", false);
	}

	private void expect(String struct, MemorySegment values, String field, int expected) {
		found(struct, field, expected, values.get(JAVA_INT, offset(struct, field)));
	}

	private void expect(String struct, MemorySegment values, String field, boolean expected) {
		// a byte, since reading a boolean from what is none would throw
		found(struct, field, expected ? 1 : 0, values.get(JAVA_BYTE, offset(struct, field)));
	}

	private void found(String struct, String field, int expected, int found) {
		if (found != expected)
			throw new LinkageError(struct + "." + field + " is " + found + ", in release " + version + " it is " + expected
					+ ": the library is not what it says it is");
	}
}

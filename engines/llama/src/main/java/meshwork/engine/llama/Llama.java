package meshwork.engine.llama;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * The functions of llama.cpp and ggml that the binding calls, as {@code llama.h}, {@code ggml.h} and {@code ggml-backend.h}
 * declare them. What fails in C says so by its result; what breaks a contract of C ends the process, so callers check first.
 */
interface Llama {

	// ggml

	void ggml_log_set(MemorySegment callback, MemorySegment data);

	void ggml_threadpool_params_init(MemorySegment params, int threads);

	void ggml_backend_load_all_from_path(MemorySegment folder);

	long ggml_backend_reg_count();

	MemorySegment ggml_backend_reg_by_name(MemorySegment name);

	MemorySegment ggml_backend_reg_get_proc_address(MemorySegment backend, MemorySegment name);

	// the library

	MemorySegment llama_version();

	MemorySegment llama_print_system_info();

	void llama_backend_init();

	void llama_log_get(MemorySegment callback, MemorySegment data);

	void llama_log_set(MemorySegment callback, MemorySegment data);

	long llama_max_parallel_sequences();

	@Struct("llama_model_params")
	MemorySegment llama_model_default_params(SegmentAllocator allocator);

	@Struct("llama_context_params")
	MemorySegment llama_context_default_params(SegmentAllocator allocator);

	// models

	MemorySegment llama_model_load_from_splits(MemorySegment paths, long count, @Struct("llama_model_params") MemorySegment params);

	void llama_model_free(MemorySegment model);

	int llama_model_desc(MemorySegment model, MemorySegment buffer, long size);

	long llama_model_n_params(MemorySegment model);

	long llama_model_size(MemorySegment model);

	int llama_model_n_ctx_train(MemorySegment model);

	int llama_model_n_cls_out(MemorySegment model);

	int llama_model_n_embd_out(MemorySegment model);

	int llama_model_n_layer(MemorySegment model);

	int llama_model_rope_type(MemorySegment model);

	boolean llama_model_has_encoder(MemorySegment model);

	boolean llama_model_is_recurrent(MemorySegment model);

	boolean llama_model_is_hybrid(MemorySegment model);

	MemorySegment llama_model_get_vocab(MemorySegment model);

	// adapters

	MemorySegment llama_adapter_lora_init(MemorySegment model, MemorySegment path);

	int llama_set_adapters_lora(MemorySegment context, MemorySegment adapters, long count, MemorySegment scales);

	// vocabularies

	int llama_vocab_type(MemorySegment vocab);

	int llama_vocab_n_tokens(MemorySegment vocab);

	int llama_vocab_bos(MemorySegment vocab);

	int llama_vocab_eos(MemorySegment vocab);

	int llama_vocab_eot(MemorySegment vocab);

	int llama_vocab_sep(MemorySegment vocab);

	boolean llama_vocab_get_add_bos(MemorySegment vocab);

	int llama_vocab_fim_pre(MemorySegment vocab);

	int llama_vocab_fim_suf(MemorySegment vocab);

	int llama_vocab_fim_mid(MemorySegment vocab);

	int llama_vocab_fim_rep(MemorySegment vocab);

	int llama_vocab_fim_sep(MemorySegment vocab);

	boolean llama_vocab_get_add_eos(MemorySegment vocab);

	boolean llama_vocab_get_add_sep(MemorySegment vocab);

	boolean llama_vocab_is_eog(MemorySegment vocab, int token);

	int llama_tokenize(MemorySegment vocab, MemorySegment text, int length, MemorySegment tokens, int capacity, boolean begin, boolean special);

	int llama_token_to_piece(MemorySegment vocab, int token, MemorySegment buffer, int length, int strip, boolean special);

	// contexts

	MemorySegment llama_init_from_model(MemorySegment model, @Struct("llama_context_params") MemorySegment params);

	void llama_free(MemorySegment context);

	int llama_n_ctx(MemorySegment context);

	int llama_n_batch(MemorySegment context);

	int llama_n_ubatch(MemorySegment context);

	void llama_attach_threadpool(MemorySegment context, MemorySegment pool, MemorySegment batchPool);

	void llama_set_abort_callback(MemorySegment context, MemorySegment callback, MemorySegment data);

	void llama_set_embeddings(MemorySegment context, boolean wanted);

	int llama_decode(MemorySegment context, @Struct("llama_batch") MemorySegment batch);

	long llama_get_logits_ith(MemorySegment context, int row);

	long llama_get_embeddings_ith(MemorySegment context, int row);

	long llama_get_embeddings_seq(MemorySegment context, int sequence);

	// memory

	MemorySegment llama_get_memory(MemorySegment context);

	void llama_memory_clear(MemorySegment memory, boolean data);

	boolean llama_memory_seq_rm(MemorySegment memory, int sequence, int begin, int end);

	void llama_memory_seq_cp(MemorySegment memory, int from, int to, int begin, int end);

	void llama_memory_seq_keep(MemorySegment memory, int sequence);

	void llama_memory_seq_add(MemorySegment memory, int sequence, int begin, int end, int delta);

	int llama_memory_seq_pos_max(MemorySegment memory, int sequence);

	boolean llama_memory_can_shift(MemorySegment memory);

	long llama_state_seq_get_size(MemorySegment context, int sequence);

	long llama_state_seq_get_data(MemorySegment context, MemorySegment target, long size, int sequence);

	long llama_state_seq_set_data(MemorySegment context, MemorySegment state, long size, int sequence);

	// samplers

	MemorySegment llama_sampler_chain_init(@Struct("llama_sampler_chain_params") MemorySegment params);

	void llama_sampler_chain_add(MemorySegment chain, MemorySegment sampler);

	void llama_sampler_apply(MemorySegment sampler, MemorySegment candidates);

	void llama_sampler_accept(MemorySegment sampler, int token);

	int llama_sampler_sample(MemorySegment sampler, MemorySegment context, int row);

	MemorySegment llama_sampler_clone(MemorySegment sampler);

	void llama_sampler_free(MemorySegment sampler);

	MemorySegment llama_sampler_init_greedy();

	MemorySegment llama_sampler_init_dist(int seed);

	MemorySegment llama_sampler_init_logit_bias(int vocab, int count, MemorySegment bias);

	MemorySegment llama_sampler_init_penalties(int vocab, int last, float repeat, float frequency, float presence);

	MemorySegment llama_sampler_init_dry(MemorySegment vocab, float multiplier, float base, int allowed, int last, MemorySegment breakers, long count);

	MemorySegment llama_sampler_init_top_n_sigma(float n);

	MemorySegment llama_sampler_init_top_k(int k);

	MemorySegment llama_sampler_init_typical(float p, long keep);

	MemorySegment llama_sampler_init_top_p(float p, long keep);

	MemorySegment llama_sampler_init_min_p(float p, long keep);

	MemorySegment llama_sampler_init_xtc(float probability, float threshold, long keep, int seed);

	MemorySegment llama_sampler_init_temp_ext(float temperature, float range, float exponent);

	MemorySegment llama_sampler_init_mirostat(int vocab, int seed, float tau, float eta, int m);

	MemorySegment llama_sampler_init_mirostat_v2(int seed, float tau, float eta);

	MemorySegment llama_sampler_init_grammar(MemorySegment vocab, MemorySegment grammar, MemorySegment root);

	/** The functions that a CPU backend gives by name only, since which of its variants runs is decided on the machine. */
	interface Cpu {

		MemorySegment ggml_threadpool_new(MemorySegment params);

		void ggml_threadpool_free(MemorySegment pool);
	}
}

//! What programs call the knobs that their flags and their source set alike, in lower case with underscores, between spaces.

/// The samples of one step on one GPU.
pub(crate) const BATCH: &str = "batch_size micro_batch_size micro_train_batch_size train_micro_batch_size_per_gpu \
            per_device_train_batch_size per_device_training_batch_size per_gpu_train_batch_size per_device_batch_size device_batch_size \
            ppo_micro_batch_size_per_gpu ppo_micro_batch_size micro_batch_size_per_gpu train_micro_batch_size \
            device_train_microbatch_size pp_microbatch_size local_batch_size samples_per_gpu imgs_per_gpu videos_per_gpu \
            sgd_minibatch_size minibatch_size mini_batch_size \
            batch_size_per_gpu batch_size_per_card batch_size_per_device batch_per_gpu ims_per_batch max_sentences train_mbs";

/// A batch that is counted in tokens, frames or seconds.
pub(crate) const BATCH_TOKENS: &str = "batch_duration batch_bins max_token_len_per_gpu ppo_max_token_len_per_gpu max_tokens_per_gpu \
            max_tokens_per_batch max_batch_tokens max_tokens_in_batch max_batch_length max_batch_length_train max_batch_len";

/// Those of one step of evaluation.
pub(crate) const EVAL_BATCH: &str = "per_device_eval_batch_size per_gpu_eval_batch_size eval_batch_size val_batch_size valid_batch_size \
            validation_batch_size test_batch_size micro_eval_batch_size batch_size_valid \
            per_device_generation_batch_size log_prob_micro_batch_size_per_gpu log_prob_micro_batch_size micro_rollout_batch_size \
            local_rollout_forward_batch_size";

/// The longest sequence.
pub(crate) const LENGTH: &str = "max_length max_seq_length max_seq_len seq_length seq_len sequence_length sequence_len cutoff_len max_model_len \
            model_max_length max_len max_prompt_length max_response_length max_completion_length prompt_max_len \
            generate_max_len source_max_len target_max_len max_source_length tokens_per_sample encoder_seq_length block_size";

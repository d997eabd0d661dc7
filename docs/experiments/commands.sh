#!/usr/bin/env bash
# Every run behind the tables of this folder. Usage: DATA=data/plus RUNS=runs bash docs/experiments/commands.sh PART...
# DATA is a folder made by `prepare`; parts: judge tokenizers generators settings (needs DATA_UNMIRRORED, prepared with --no_mirror).
set -euo pipefail
train() { python -m "training.$1" --dataset_dir "$DATA" --checkpoints_dir "$RUNS" --seed 0 --threads 1 --log_every 50 "${@:2}"; }

TOKENIZERS="${TOKENIZERS:-IsoDiM_Tokenizer_Continuous VQ_AE_Model RVQ_AE_Model IsoDiM_Tokenizer_Small IsoDiM_Tokenizer_High IsoDiM_Tokenizer_HighDim8 IsoDiM_Tokenizer_HighDim12}"

judge() { train train_evaluator --name judge --eval_every 200 --save_every 200; }

tokenizers() {
  for model in $TOKENIZERS; do
    train train_tokenizer --name "$model" --model "$model" --width 128 --steps 1000 --lr 6e-4 --balance 0.4 --eval_every 500 --save_every 500
  done
}

# NAME MODEL TOKENIZER [MORE FLAGS]
generator() {
  train train_isodim --name "$1" --model "$2" --tokenizer_name "$3" --steps 800 --batch_size 32 --lr 6e-4 --balance 0.4 \
    --eval_every 400 --save_every 400 "${@:4}"
}

generators() {
  generator isodim_grid IsoDiM-DiT-XXS IsoDiM_Tokenizer_HighDim8
  generator isodim_x IsoDiM-DiT-XXS IsoDiM_Tokenizer_HighDim8 --output x
  generator categorical IsoDiM-DiT-XXS IsoDiM_Tokenizer_HighDim8 --output categorical
  generator mardm MARDM-SiT-XXS IsoDiM_Tokenizer_Continuous
  generator fsq_mardm FSQ-MARDM-SiT-XXS IsoDiM_Tokenizer_HighDim8
  generator vq_mardm VQ-MARDM-SiT-XXS VQ_AE_Model
}

settings() {
  generator isodim_grid12 IsoDiM-DiT-XXS IsoDiM_Tokenizer_HighDim12
  generator pooled IsoDiM-DiT-XXS IsoDiM_Tokenizer_HighDim8 --text pooled
  generator x_loss IsoDiM-DiT-XXS IsoDiM_Tokenizer_HighDim8 --output x --loss x
  generator unbalanced IsoDiM-DiT-XXS IsoDiM_Tokenizer_HighDim8 --balance 1
  DATA="$DATA_UNMIRRORED" generator unmirrored IsoDiM-DiT-XXS IsoDiM_Tokenizer_HighDim8
}

for part in "$@"; do "$part"; done

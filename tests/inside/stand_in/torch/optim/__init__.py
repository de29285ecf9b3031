from .._tensor import Tensor


class Optimizer:
    def __init__(self, parameters, **settings):
        self.state = {}
        self.param_groups = [{"params": list(parameters), **settings}]


class AdamW(Optimizer):
    def step(self):
        for parameter in self.param_groups[0]["params"]:
            made = [Tensor._made(parameter.shape) for _ in range(2)]
            self.state[parameter] = {"exp_avg": made[0], "exp_avg_sq": made[1]}

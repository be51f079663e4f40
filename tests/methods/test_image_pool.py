"""CycleGAN's pool of generated pictures."""

import torch

from train.methods.cyclegan import ImagePool


def numbered(first: int, count: int = 1, side: int = 4) -> torch.Tensor:
    return torch.arange(first, first + count).float().view(-1, 1, 1, 1).expand(-1, 3, side, side).clone()


def numbers(batch: torch.Tensor) -> list[int]:
    return [int(image.unique().item()) for image in batch]


def test_pool_gives_back_what_comes_until_it_is_full():
    pool = ImagePool(5)
    assert numbers(pool.query(numbered(0, 3))) == [0, 1, 2]
    assert numbers(pool.query(numbered(3, 2))) == [3, 4]
    assert len(pool.images) == 5


def test_full_pool_gives_an_old_picture_half_of_the_time():
    torch.manual_seed(0)
    pool, old, seen = ImagePool(10), 0, set()
    for i in range(1000):
        (answer,) = numbers(pool.query(numbered(i)))
        assert answer <= i and len(pool.images) <= 10
        old += answer != i
        if answer != i:
            assert answer not in seen  # an old picture leaves the pool when it is given
            seen.add(answer)
    assert 430 < old < 570


def test_pool_of_none_gives_back_what_comes():
    pool = ImagePool(0)
    for i in range(20):
        assert numbers(pool.query(numbered(i, 2))) == [i, i + 1]
    assert pool.images == []


def test_pool_keeps_no_graph_and_no_view():
    pool, batch = ImagePool(2), numbered(1).requires_grad_()
    assert not pool.query(batch).requires_grad
    with torch.no_grad():
        batch.fill_(7)
    assert numbers(torch.stack(pool.images)) == [1]


def test_pool_never_gives_a_picture_of_another_size():
    torch.manual_seed(0)
    pool = ImagePool(4)
    for i in range(10):
        pool.query(numbered(i))
    for i in range(10, 30):
        answer = pool.query(numbered(i, side=8))
        assert answer.shape == (1, 3, 8, 8) and numbers(answer)[0] >= 10

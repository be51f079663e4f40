"""CycleGAN's pool of generated images."""

import torch

from train.methods.cyclegan import ImagePool


def numbered(first: int, count: int = 1, side: int = 4) -> torch.Tensor:
    return torch.arange(first, first + count).float().view(-1, 1, 1, 1).expand(-1, 3, side, side).clone()


def numbers(batch: torch.Tensor) -> list[int]:
    return [int(image.unique().item()) for image in batch]


def test_a_pool_returns_the_new_images_until_it_is_full():
    pool = ImagePool(5)
    assert numbers(pool.query(numbered(0, 3))) == [0, 1, 2]
    assert numbers(pool.query(numbered(3, 2))) == [3, 4]
    assert len(pool.images) == 5


def test_a_full_pool_returns_an_old_image_half_of_the_time():
    torch.manual_seed(0)
    pool, old, seen = ImagePool(10), 0, set()
    for i in range(1000):
        (number,) = numbers(pool.query(numbered(i)))
        assert number <= i and len(pool.images) <= 10
        old += number != i
        if number != i:
            assert number not in seen  # an old image leaves the pool when it is returned
            seen.add(number)
    assert 430 < old < 570


def test_a_pool_of_size_0_returns_the_new_images():
    pool = ImagePool(0)
    for i in range(20):
        assert numbers(pool.query(numbered(i, 2))) == [i, i + 1]
    assert pool.images == []


def test_a_pool_keeps_copies_without_their_graph():
    pool, batch = ImagePool(2), numbered(1).requires_grad_()
    assert not pool.query(batch).requires_grad
    with torch.no_grad():
        batch.fill_(7)
    assert numbers(torch.stack(pool.images)) == [1]


def test_a_pool_never_returns_an_image_of_another_size():
    torch.manual_seed(0)
    pool = ImagePool(4)
    for i in range(10):
        pool.query(numbered(i))
    for i in range(10, 30):
        images = pool.query(numbered(i, side=8))
        assert images.shape == (1, 3, 8, 8) and numbers(images)[0] >= 10
